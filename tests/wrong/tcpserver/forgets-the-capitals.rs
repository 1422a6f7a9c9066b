//! Sends the sentence back as it came.
// ==== fill in here: reply ====
    connection_socket.write_all(sentence)?;
// ==== end: reply ====
