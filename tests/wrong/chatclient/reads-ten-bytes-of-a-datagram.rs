//! Reads ten bytes of each datagram.
// ==== fill in here: receive-udp ====
        let received = udp_socket.recv_from(&mut buffer[..10]);
// ==== end: receive-udp ====
