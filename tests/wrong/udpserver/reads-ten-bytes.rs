//! Receives into ten bytes of the buffer, and loses the rest of the datagram.
// ==== fill in here: receive ====
        let (length, client_address) = server_socket.recv_from(&mut buffer[..10])?;
// ==== end: receive ====
