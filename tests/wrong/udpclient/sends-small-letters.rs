//! Sends small letters alone.
// ==== fill in here: send ====
    client_socket.send_to(&message.to_ascii_lowercase(), server_address)?;
// ==== end: send ====
