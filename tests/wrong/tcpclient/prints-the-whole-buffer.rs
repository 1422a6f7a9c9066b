//! Ignores the length and prints all 1024 bytes of the buffer.
// ==== fill in here: receive ====
    client_socket.read(&mut buffer)?;
    let length = buffer.len();
// ==== end: receive ====
