//! Ends at a sentence that is no text.
// ==== fill in here: send ====
    client_socket.send_to(str::from_utf8(&message).unwrap().as_bytes(), server_address)?;
// ==== end: send ====
