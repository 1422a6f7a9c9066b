//! Sends lines in small letters.
// ==== fill in here: send-tcp ====
    let _ = tcp_socket.write_all(usr_input.to_lowercase().as_bytes());
// ==== end: send-tcp ====
