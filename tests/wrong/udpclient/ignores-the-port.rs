//! Sends to the port that stands in the source, whatever it was given.
// ==== fill in here: send ====
    client_socket.send_to(&message, (server_name, 12000))?;
// ==== end: send ====
