//! Has a timeout for reading only.
// ==== fill in here: timeout ====
    client_socket.set_read_timeout(Some(PATIENCE))?;
// ==== end: timeout ====
