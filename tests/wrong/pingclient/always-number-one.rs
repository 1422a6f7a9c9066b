//! Numbers every ping 1.
// ==== fill in here: send ====
    let message = format!("Ping 1 {}", Local::now().format("%F %T%.6f"));
    println!("Sending Ping Message: {message}");
    let start = Instant::now();
    client_socket.send_to(message.as_bytes(), server_address)?;
// ==== end: send ====
