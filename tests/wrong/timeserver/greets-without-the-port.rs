//! Tells the client its IP address alone.
// ==== fill in here: greet ====
    let greeting = format!("You are connected from {}\n", client_address.ip());
    client_socket.write_all(greeting.as_bytes())?;
// ==== end: greet ====
