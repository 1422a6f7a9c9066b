//! Reads into the message itself, which has no room yet.
// ==== fill in here: message ====
        let length = connection_socket.read(message)?;
// ==== end: message ====
