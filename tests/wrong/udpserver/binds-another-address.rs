//! Binds an address of its own choice.
// ==== fill in here: bind ====
    let server_socket = UdpSocket::bind(("127.0.0.2", server_port))?;
// ==== end: bind ====
