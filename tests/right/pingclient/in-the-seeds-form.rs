//! Writes `Ping: N`, as some do, with the time as seconds since 1970.
// ==== fill in here: send ====
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.map_err(io::Error::other)?.as_secs_f64();
    let message = format!("Ping: {sequence} {now}");
    println!("Sending Ping Message: {message}");
    let start = Instant::now();
    client_socket.send_to(message.as_bytes(), server_address)?;
// ==== end: send ====
