//! Gives the first ping the number 0.
// ==== fill in here: send ====
    let number = sequence - 1;
    let message = format!("Ping {number} {}", Local::now().format("%F %T%.6f"));
    println!("Sending Ping Message: {message}");
    let start = Instant::now();
    client_socket.send_to(message.as_bytes(), server_address)?;
// ==== end: send ====
