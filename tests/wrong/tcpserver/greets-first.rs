//! Puts words of its own before the answer.
// ==== fill in here: reply ====
    connection_socket.write_all(b"From Server: ")?;
    connection_socket.write_all(&sentence.to_ascii_uppercase())?;
// ==== end: reply ====
