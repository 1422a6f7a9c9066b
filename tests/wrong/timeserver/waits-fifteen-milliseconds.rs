//! Waits 15 ms.
// ==== fill in here: timeout ====
    client_socket.set_read_timeout(Some(Duration::from_millis(15)))?;
    client_socket.set_write_timeout(Some(Duration::from_millis(15)))?;
// ==== end: timeout ====
