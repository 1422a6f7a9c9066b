//! Throws the first datagram away and waits for a second one.
// ==== fill in here: receive ====
        client_socket.recv_from(&mut buffer)?;
        let (length, address) = client_socket.recv_from(&mut buffer)?;
// ==== end: receive ====
