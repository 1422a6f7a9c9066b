//! Greets with the address in quotes.
// ==== fill in here: greet ====
    let greeting = format!("You are connected from {:?}:{:?}\n", client_address.ip().to_string(), client_address.port().to_string());
    client_socket.write_all(greeting.as_bytes())?;
// ==== end: greet ====
