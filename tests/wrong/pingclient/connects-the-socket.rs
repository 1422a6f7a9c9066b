//! Connects the socket, and so is told of a port where nobody listens.
//! wrong gap: socket
// ==== fill in here: socket ====
    let client_socket = UdpSocket::bind("0.0.0.0:0")?;
    client_socket.connect(server_address)?;
// ==== end: socket ====
// ==== fill in here: send ====
    let message = format!("Ping {sequence} {}", Local::now().format("%F %T%.6f"));
    println!("Sending Ping Message: {message}");
    let start = Instant::now();
    client_socket.send(message.as_bytes())?;
// ==== end: send ====
