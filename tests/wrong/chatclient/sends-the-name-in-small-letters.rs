//! Sends the name in small letters.
// ==== fill in here: send-name ====
    tcp_socket.write_all(name.to_lowercase().as_bytes())?;
// ==== end: send-name ====
