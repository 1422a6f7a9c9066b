//! Sends the sentence as a datagram, past the connection it has.
// ==== fill in here: send ====
    let datagrams = std::net::UdpSocket::bind("0.0.0.0:0")?;
    datagrams.send_to(&sentence, client_socket.peer_addr()?)?;
// ==== end: send ====
