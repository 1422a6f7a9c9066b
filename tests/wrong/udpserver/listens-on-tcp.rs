//! Listens at a TCP port; the UDP socket is left with a port of the kernel's choice.
// ==== fill in here: bind ====
    let _listener = std::net::TcpListener::bind((server_name, server_port))?;
    let server_socket = UdpSocket::bind((server_name, 0))?;
// ==== end: bind ====
