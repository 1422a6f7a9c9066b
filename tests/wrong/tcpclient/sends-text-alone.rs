//! Sends other bytes where those that were typed are no text.
// ==== fill in here: send ====
    client_socket.write_all(String::from_utf8_lossy(&sentence).as_bytes())?;
// ==== end: send ====
