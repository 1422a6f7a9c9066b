//! Connects the socket, and so is told of a port where nobody listens.
//! wrong gap: socket
// ==== fill in here: socket ====
    let client_socket = UdpSocket::bind("0.0.0.0:0")?;
    client_socket.connect(server_address)?;
// ==== end: socket ====
// ==== fill in here: send ====
    client_socket.send(&message)?;
// ==== end: send ====
