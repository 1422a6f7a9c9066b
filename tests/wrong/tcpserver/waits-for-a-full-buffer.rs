//! Waits until the whole buffer is filled.
// ==== fill in here: receive ====
    connection_socket.read_exact(&mut buffer)?;
    let length = buffer.len();
// ==== end: receive ====
