//! Waits for ever for a silent client.
// ==== fill in here: timeout ====
    client_socket.set_read_timeout(None)?;
// ==== end: timeout ====
