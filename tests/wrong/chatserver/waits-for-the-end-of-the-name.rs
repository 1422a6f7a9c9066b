//! Reads the name until the client closes its connection.
// ==== fill in here: name ====
    let mut name = Vec::new();
    let length = client_socket.read_to_end(&mut name)?.min(buffer.len());
    buffer[..length].copy_from_slice(&name[..length]);
// ==== end: name ====
