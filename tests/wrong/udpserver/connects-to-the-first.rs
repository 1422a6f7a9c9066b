//! Connects its only socket to the first client, and hears nobody else from then on.
// ==== fill in here: reply ====
    server_socket.connect(client_address)?;
    server_socket.send(&modified_message)?;
// ==== end: reply ====
