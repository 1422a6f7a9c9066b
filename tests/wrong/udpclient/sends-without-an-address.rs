//! Uses send, which only a connected socket can.
// ==== fill in here: send ====
    client_socket.send(&message)?;
// ==== end: send ====
