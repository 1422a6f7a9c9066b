//! The addresses resolved together with the port, and a socket given to `connect` as one address.
// ==== fill in here: server-ip ====
    let server_ip = std::net::ToSocketAddrs::to_socket_addrs(&(server_name, PORT))
        .and_then(|mut all| all.find(SocketAddr::is_ipv4).ok_or(io::ErrorKind::NotFound.into()))
        .map(|address| address.ip())?;
// ==== end: server-ip ====
// ==== fill in here: udp-socket ====
    let address = SocketAddr::new(client_ip, port);
    let udp_socket = UdpSocket::bind(address)?;
// ==== end: udp-socket ====
// ==== fill in here: connect ====
    let server = SocketAddr::from((server_ip, port));
    let limit = std::time::Duration::from_secs(10);
    let mut tcp_socket = TcpStream::connect_timeout(&server, limit)?;
    tcp_socket.set_nodelay(true)?;
// ==== end: connect ====
