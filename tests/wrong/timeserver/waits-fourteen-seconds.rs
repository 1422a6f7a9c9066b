//! Waits a second less.
// ==== fill in here: timeout ====
    client_socket.set_read_timeout(Some(PATIENCE - Duration::from_secs(1)))?;
    client_socket.set_write_timeout(Some(PATIENCE))?;
// ==== end: timeout ====
