//! Reads to the end of the connection, which comes only after the answer.
// ==== fill in here: receive ====
        let mut received = Vec::new();
        let length = client_socket.read_to_end(&mut received)?;
        buffer[..length].copy_from_slice(&received);
// ==== end: receive ====
