//! Answers the time as soon as somebody comes.
// ==== fill in here: greet ====
    let greeting = format!("You are connected from {client_address}\n{}\n", Local::now().format("%a %b %e %H:%M:%S %Y"));
    client_socket.write_all(greeting.as_bytes())?;
// ==== end: greet ====
