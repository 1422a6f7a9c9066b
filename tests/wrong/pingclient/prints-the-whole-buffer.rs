//! Ignores the length and prints all 1024 bytes of the buffer.
// ==== fill in here: receive ====
        client_socket.recv_from(&mut buffer)?;
        let reply = &buffer[..];
// ==== end: receive ====
