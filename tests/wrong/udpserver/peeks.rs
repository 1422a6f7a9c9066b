//! Looks at the datagram without taking it, and so answers the same one for ever.
// ==== fill in here: receive ====
        let (length, client_address) = server_socket.peek_from(&mut buffer)?;
// ==== end: receive ====
