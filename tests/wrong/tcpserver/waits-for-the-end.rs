//! Reads to the end of the connection, which comes only after the answer.
// ==== fill in here: receive ====
    let mut sentence = Vec::new();
    let length = connection_socket.read_to_end(&mut sentence)?;
    buffer[..length].copy_from_slice(&sentence);
// ==== end: receive ====
