//! Tells the client the server's address.
// ==== fill in here: greet ====
    let greeting = format!("You are connected from {}\n", client_socket.local_addr()?);
    client_socket.write_all(greeting.as_bytes())?;
// ==== end: greet ====
