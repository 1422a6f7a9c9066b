//! Binds the server's own address, which the server has already.
// ==== fill in here: socket ====
    let client_socket = UdpSocket::bind(server_address)?;
// ==== end: socket ====
