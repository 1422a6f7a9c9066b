//! Sends every answer twice.
// ==== fill in here: reply ====
    server_socket.send_to(&modified_message, client_address)?;
    server_socket.send_to(&modified_message, client_address)?;
// ==== end: reply ====
