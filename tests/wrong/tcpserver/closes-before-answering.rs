//! Closes the connection before the answer is sent.
// ==== fill in here: reply ====
    connection_socket.shutdown(std::net::Shutdown::Both)?;
    connection_socket.write_all(&sentence.to_ascii_uppercase())?;
// ==== end: reply ====
