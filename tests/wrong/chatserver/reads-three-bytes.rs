//! Reads only the beginning of the name.
// ==== fill in here: name ====
    let length = client_socket.read(&mut buffer[..3])?;
// ==== end: name ====
