//! Sends the same words with every ping, but for the time.
// ==== fill in here: send ====
    let message = format!("Ping {}", Local::now().format("%F %T%.6f"));
    println!("Sending Ping Message: {message}");
    let start = Instant::now();
    client_socket.send_to(message.as_bytes(), server_address)?;
// ==== end: send ====
