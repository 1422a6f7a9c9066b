//! Waits for 1024 bytes of name.
// ==== fill in here: name ====
    client_socket.read_exact(&mut buffer)?;
    let length = buffer.len();
// ==== end: name ====
