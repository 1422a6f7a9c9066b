//! Connects the UDP socket to the first who sends.
// ==== fill in here: receive-udp ====
        let received = udp_socket.recv_from(&mut buffer);
        if let Ok((_, address)) = &received {
            let _ = udp_socket.connect(address);
        }
// ==== end: receive-udp ====
