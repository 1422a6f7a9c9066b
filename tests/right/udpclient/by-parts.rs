//! Builds the addresses from their parts, and gives the server's name to send_to.
// ==== fill in here: socket ====
    use std::net::Ipv4Addr;
    let client_socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
// ==== end: socket ====
// ==== fill in here: send ====
    let sent = client_socket.send_to(message.as_slice(), (server_name, server_port))?;
    assert_eq!(sent, message.len());
// ==== end: send ====
