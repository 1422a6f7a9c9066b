//! Reads until the buffer is full.
// ==== fill in here: message ====
        connection_socket.read_exact(&mut buffer)?;
        let length = buffer.len();
// ==== end: message ====
