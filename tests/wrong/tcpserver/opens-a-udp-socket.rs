//! Opens a UDP socket at the port; the TCP socket is left with a port of the kernel's choice.
// ==== fill in here: bind ====
    let _datagrams = std::net::UdpSocket::bind((server_name, server_port))?;
    let server_socket = TcpListener::bind((server_name, 0))?;
// ==== end: bind ====
