//! Prints the ping with a time, and sends it with another one.
// ==== fill in here: send ====
    println!("Sending Ping Message: Ping {sequence} {}", Local::now().format("%F %T%.6f"));
    let message = format!("Ping {sequence} {}", Local::now().format("%F %T%.6f"));
    let start = Instant::now();
    client_socket.send_to(message.as_bytes(), server_address)?;
// ==== end: send ====
