//! Takes an empty datagram for the end, as an empty read is over TCP.
// ==== fill in here: receive ====
        let (length, client_address) = server_socket.recv_from(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
// ==== end: receive ====
