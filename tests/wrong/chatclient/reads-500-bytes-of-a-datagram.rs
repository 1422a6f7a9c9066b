//! Has a buffer of 500 bytes for a datagram.
// ==== fill in here: receive-udp ====
    let received = udp_socket.recv_from(&mut buffer[..500]);
// ==== end: receive-udp ====
