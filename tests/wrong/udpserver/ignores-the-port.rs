//! Binds the port that stands in the source, whatever it was given.
// ==== fill in here: bind ====
    let server_socket = UdpSocket::bind("0.0.0.0:5005")?;
// ==== end: bind ====
