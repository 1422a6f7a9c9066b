//! Never closes the connection.
// ==== fill in here: reply ====
    connection_socket.write_all(&sentence.to_ascii_uppercase())?;
    std::mem::forget(connection_socket);
// ==== end: reply ====
