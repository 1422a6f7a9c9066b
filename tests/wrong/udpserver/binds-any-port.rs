//! Lets the kernel choose the server's port, as a client does.
// ==== fill in here: bind ====
    let server_socket = UdpSocket::bind("0.0.0.0:0")?;
// ==== end: bind ====
