//! Resolves the address itself, has room for the largest datagram, and does the capitals by hand.
// ==== fill in here: bind ====
    use std::net::ToSocketAddrs;
    let addresses: Vec<SocketAddr> = (server_name, server_port).to_socket_addrs()?.collect();
    let server_socket = UdpSocket::bind(&addresses[..])?;
// ==== end: bind ====
// ==== fill in here: receive ====
        let mut buffer = vec![0; 65_535];
        let (length, client_address) = server_socket.recv_from(&mut buffer)?;
// ==== end: receive ====
// ==== fill in here: uppercase ====
    let capital = |byte: &u8| if (b'a'..=b'z').contains(byte) { byte - 32 } else { *byte };
    let modified_message: Vec<u8> = message.iter().map(capital).collect();
// ==== end: uppercase ====
