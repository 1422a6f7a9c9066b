//! Ends every ping with a newline.
// ==== fill in here: send ====
    let message = format!("Ping {sequence} {}", Local::now().format("%F %T%.6f"));
    println!("Sending Ping Message: {message}");
    let start = Instant::now();
    client_socket.send_to(format!("{message}\n").as_bytes(), server_address)?;
// ==== end: send ====
