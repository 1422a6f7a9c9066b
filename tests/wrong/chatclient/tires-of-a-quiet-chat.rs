//! Waits for 5 s for a datagram, and then for none any more.
// ==== fill in here: receive-udp ====
        udp_socket.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
        let received = udp_socket.recv_from(&mut buffer);
// ==== end: receive-udp ====
