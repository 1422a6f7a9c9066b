//! Prints a line of its own before the reply.
// ==== fill in here: send ====
    println!("Sending...");
    client_socket.send_to(&message, server_address)?;
// ==== end: send ====
