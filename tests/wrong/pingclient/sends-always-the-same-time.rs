//! Sends the time of some other day with every ping.
// ==== fill in here: send ====
    let message = format!("Ping {sequence} 2026-11-20 06:50:01");
    println!("Sending Ping Message: {message}");
    let start = Instant::now();
    client_socket.send_to(message.as_bytes(), server_address)?;
// ==== end: send ====
