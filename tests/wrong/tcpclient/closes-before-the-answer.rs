//! Closes the connection when it has sent the sentence.
//! looks like: receive, the connection may be closed in either gap
// ==== fill in here: send ====
    client_socket.write_all(&sentence)?;
    client_socket.shutdown(std::net::Shutdown::Both)?;
// ==== end: send ====
