//! Reads ten bytes at most, so that a long command is several.
// ==== fill in here: receive ====
        let length = client_socket.read(&mut buffer[..10])?;
// ==== end: receive ====
