//! Gives up at once where a client has said nothing yet.
// ==== fill in here: timeout ====
    client_socket.set_read_timeout(Some(PATIENCE))?;
    client_socket.set_write_timeout(Some(PATIENCE))?;
    client_socket.set_nonblocking(true)?;
// ==== end: timeout ====
