//! Sends to this host, whatever address it was given.
// ==== fill in here: send ====
    let message = format!("Ping {sequence} {}", Local::now().format("%F %T%.6f"));
    println!("Sending Ping Message: {message}");
    let start = Instant::now();
    client_socket.send_to(message.as_bytes(), ("127.0.0.1", server_address.port()))?;
// ==== end: send ====
