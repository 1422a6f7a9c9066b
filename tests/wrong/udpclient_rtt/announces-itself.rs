//! Prints a line of its own before the reply.
//! looks like: received, a line before the reply may be printed in either gap
// ==== fill in here: send ====
    println!("Sending...");
    client_socket.send_to(&message, server_address)?;
// ==== end: send ====
