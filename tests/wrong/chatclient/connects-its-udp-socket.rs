//! Connects the UDP socket to the server.
// ==== fill in here: udp-socket ====
    let udp_socket = UdpSocket::bind((client_ip, port))?;
    udp_socket.connect(("127.0.0.1", port))?; // where the server is
// ==== end: udp-socket ====
