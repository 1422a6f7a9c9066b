//! Ignores the length and answers all 1024 bytes of the buffer.
// ==== fill in here: receive ====
    connection_socket.read(&mut buffer)?;
    let length = buffer.len();
// ==== end: receive ====
