//! Has the timeout of lab 1.
// ==== fill in here: timeout ====
    client_socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    client_socket.set_write_timeout(Some(Duration::from_secs(5)))?;
// ==== end: timeout ====
