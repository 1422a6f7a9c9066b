//! Sends the number only.
// ==== fill in here: send ====
    let message = format!("Ping {sequence}");
    println!("Sending Ping Message: {message}");
    let start = Instant::now();
    client_socket.send_to(message.as_bytes(), server_address)?;
// ==== end: send ====
