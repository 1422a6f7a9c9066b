//! Waits until the whole buffer is filled.
// ==== fill in here: receive ====
    client_socket.read_exact(&mut buffer)?;
    let length = buffer.len();
// ==== end: receive ====
