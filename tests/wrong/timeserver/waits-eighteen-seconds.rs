//! Waits for 18 s.
// ==== fill in here: timeout ====
    client_socket.set_read_timeout(Some(Duration::from_secs(18)))?;
    client_socket.set_write_timeout(Some(Duration::from_secs(18)))?;
// ==== end: timeout ====
