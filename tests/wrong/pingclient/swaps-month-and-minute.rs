//! Writes the minute for the month, and the month for the minute.
// ==== fill in here: send ====
    let message = format!("Ping {sequence} {}", Local::now().format("%Y-%M-%d %H:%m:%S%.6f"));
    say(format!("Sending Ping Message: {message}"));
    let start = Instant::now();
    client_socket.send_to(message.as_bytes(), server_address)?;
// ==== end: send ====
