//! Starts the clock, and pauses before it sends.
//! looks like: rtt, the pause may be before or behind the exchange
// ==== fill in here: send ====
    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(50));
    let message = format!("Ping {sequence} {}", Local::now().format("%Y-%m-%d %H:%M:%S%.6f"));
    say(format!("Sending Ping Message: {message}"));
    client_socket.send_to(message.as_bytes(), server_address)?;
// ==== end: send ====
