//! Sends the name once more, to be sure.
// ==== fill in here: send ====
    client_socket.send_to(&message, server_address)?;
    client_socket.send_to(&message, server_address)?;
// ==== end: send ====
