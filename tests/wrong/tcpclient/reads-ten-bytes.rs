//! Reads ten bytes of the reply, and leaves the rest.
// ==== fill in here: receive ====
    let length = client_socket.read(&mut buffer[..10])?;
// ==== end: receive ====
