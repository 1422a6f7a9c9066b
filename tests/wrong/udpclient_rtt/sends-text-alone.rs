//! Sends other bytes where those that were typed are no text.
// ==== fill in here: send ====
    client_socket.send_to(String::from_utf8_lossy(&message).as_bytes(), server_address)?;
// ==== end: send ====
