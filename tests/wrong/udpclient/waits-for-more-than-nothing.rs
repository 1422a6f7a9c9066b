//! Takes an empty datagram for none, and waits for another one.
// ==== fill in here: receive ====
        let (length, address) = client_socket.recv_from(&mut buffer)?;
        if length == 0 {
            continue;
        }
// ==== end: receive ====
