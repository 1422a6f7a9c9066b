//! Looks at a datagram, and leaves it in the socket.
// ==== fill in here: receive-udp ====
        let received = udp_socket.peek_from(&mut buffer);
// ==== end: receive-udp ====
