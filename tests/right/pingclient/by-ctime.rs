//! Writes the time as ctime does, to the second, and sends through a socket made by its parts.
// ==== fill in here: socket ====
    let anywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let client_socket = UdpSocket::bind(anywhere)?;
// ==== end: socket ====
// ==== fill in here: send ====
    let now = Local::now().format("%a %b %e %H:%M:%S %Y");
    let message = format!("Ping {sequence} {now}");
    println!("Sending Ping Message: {message}");
    let start = Instant::now();
    client_socket.send_to(message.as_bytes(), server_address)?;
// ==== end: send ====
