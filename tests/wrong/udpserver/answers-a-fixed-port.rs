//! Answers the client's host at a port that stands in the source.
// ==== fill in here: reply ====
    server_socket.send_to(&modified_message, (client_address.ip(), 12001))?;
// ==== end: reply ====
