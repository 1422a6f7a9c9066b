//! Binds the UDP socket to every address of the host.
// ==== fill in here: udp-socket ====
    let udp_socket = UdpSocket::bind(("0.0.0.0", port))?;
// ==== end: udp-socket ====
