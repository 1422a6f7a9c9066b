//! Gives every client a name of its own making.
// ==== fill in here: name ====
    client_socket.read(&mut buffer)?;
    let own = format!("client{}", SOCKETS.lock().unwrap().len());
    let length = own.len();
    buffer[..length].copy_from_slice(own.as_bytes());
// ==== end: name ====
