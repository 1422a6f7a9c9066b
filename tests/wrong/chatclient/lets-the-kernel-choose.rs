//! Takes any port for the UDP socket, as a client of lab 1 does.
// ==== fill in here: udp-socket ====
    let udp_socket = UdpSocket::bind((client_ip, 0))?;
// ==== end: udp-socket ====
