//! Reads until the client closes, which waits for its answer.
// ==== fill in here: message ====
        let length = connection_socket.read_to_end(message)?;
// ==== end: message ====
