//! Takes an empty datagram for an end.
// ==== fill in here: receive-udp ====
    let received = udp_socket.recv_from(&mut buffer);
    if let Ok((0, _)) = received {
        return;
    }
// ==== end: receive-udp ====
