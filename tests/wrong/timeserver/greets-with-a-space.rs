//! Has a space between address and port.
// ==== fill in here: greet ====
    let greeting = format!("You are connected from {} {}\n", client_address.ip(), client_address.port());
    client_socket.write_all(greeting.as_bytes())?;
// ==== end: greet ====
