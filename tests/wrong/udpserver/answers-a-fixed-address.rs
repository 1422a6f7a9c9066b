//! Sends every reply to one address, at the port that asked.
// ==== fill in here: reply ====
    server_socket.send_to(&modified_message, ("127.0.0.1", client_address.port()))?;
// ==== end: reply ====
