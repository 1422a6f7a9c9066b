//! Binds the loopback's address, from which no other host can be reached.
// ==== fill in here: socket ====
    let client_socket = UdpSocket::bind("127.0.0.1:0")?;
// ==== end: socket ====
