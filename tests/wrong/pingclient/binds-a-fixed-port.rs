//! Binds a port that stands in the source: two clients of one host are one too many.
// ==== fill in here: socket ====
    let client_socket = UdpSocket::bind("0.0.0.0:12001")?;
// ==== end: socket ====
