//! Pauses for a second after every ping, as ping does.
// ==== fill in here: send ====
    if sequence > 1 {
        std::thread::sleep(PATIENCE);
    }
    let message = format!("Ping {sequence} {}", Local::now());
    println!("Sending Ping Message: {message}");
    let start = Instant::now();
    client_socket.send_to(message.as_bytes(), server_address)?;
// ==== end: send ====
