//! Takes each client for one of its own host.
// ==== fill in here: greet ====
    let greeting = format!("You are connected from 127.0.0.1:{}\n", client_address.port());
    client_socket.write_all(greeting.as_bytes())?;
// ==== end: greet ====
