//! Forgets the connection, which stays open.
// ==== fill in here: close ====
    connection_socket.flush()?;
    std::mem::forget(connection.try_clone()?);
// ==== end: close ====
