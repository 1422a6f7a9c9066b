//! Sends the first 1024 bytes of a line.
// ==== fill in here: send-tcp ====
    let _ = tcp_socket.write_all(&usr_input.as_bytes()[..usr_input.len().min(1024)]);
// ==== end: send-tcp ====
