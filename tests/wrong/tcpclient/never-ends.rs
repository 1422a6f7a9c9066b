//! Prints the reply itself, and then waits for ever.
// ==== fill in here: receive ====
    let length = client_socket.read(&mut buffer)?;
    println!("From Server: {}", String::from_utf8_lossy(&buffer[..length]));
    loop {
        std::thread::sleep(PATIENCE);
    }
// ==== end: receive ====
