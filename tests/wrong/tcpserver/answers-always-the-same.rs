//! Answers a text that stands in the source.
// ==== fill in here: reply ====
    connection_socket.write_all(b"HELLO WORLD")?;
// ==== end: reply ====
