//! Takes the whole buffer for what was received.
// ==== fill in here: message ====
        connection_socket.read(&mut buffer)?;
        let length = buffer.len();
// ==== end: message ====
