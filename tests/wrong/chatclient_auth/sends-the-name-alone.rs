//! Sends its name, as in lab 7.
// ==== fill in here: send-ticket ====
    tcp_socket.write_all(name.as_bytes())?;
// ==== end: send-ticket ====
