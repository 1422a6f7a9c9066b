//! Sends every ping a second time, to be sure.
// ==== fill in here: send ====
    let message = format!("Ping {sequence} {}", Local::now().format("%F %T%.6f"));
    println!("Sending Ping Message: {message}");
    let start = Instant::now();
    client_socket.send_to(message.as_bytes(), server_address)?;
    client_socket.send_to(message.as_bytes(), server_address)?;
// ==== end: send ====
