//! Sends to this host, whatever address it was given.
// ==== fill in here: send ====
    client_socket.send_to(&message, ("127.0.0.1", server_port))?;
// ==== end: send ====
