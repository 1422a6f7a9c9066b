//! Waits for 60 s.
// ==== fill in here: timeout ====
    client_socket.set_read_timeout(Some(PATIENCE * 4))?;
    client_socket.set_write_timeout(Some(PATIENCE * 4))?;
// ==== end: timeout ====
