//! Takes its own address for the sender of each datagram.
// ==== fill in here: receive-udp ====
        let received = udp_socket.recv(&mut buffer).and_then(|n| Ok((n, udp_socket.local_addr()?)));
// ==== end: receive-udp ====
