//! Takes the whole buffer for the name.
// ==== fill in here: name ====
    let _ = client_socket.read(&mut buffer)?;
    let length = buffer.len();
// ==== end: name ====
