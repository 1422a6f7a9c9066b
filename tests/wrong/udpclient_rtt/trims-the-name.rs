//! Sends the name without the spaces around it.
// ==== fill in here: send ====
    client_socket.send_to(message.trim_ascii(), server_address)?;
// ==== end: send ====
