//! Sends the sentence a second time, to be on the safe side.
// ==== fill in here: send ====
    client_socket.send_to(&message, server_address)?;
    client_socket.send_to(&message, server_address)?;
// ==== end: send ====
