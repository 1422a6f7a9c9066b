//! Connects the UDP socket to the server.
// ==== fill in here: udp-socket ====
    let udp_socket = UdpSocket::bind((client_ip, port));
    if let Ok(socket) = &udp_socket {
        let _ = socket.connect((server_ip, port));
    }
// ==== end: udp-socket ====
