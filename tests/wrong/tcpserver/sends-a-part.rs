//! Sends the first ten bytes of the answer.
// ==== fill in here: reply ====
    let capitalized_sentence = sentence.to_ascii_uppercase();
    connection_socket.write_all(&capitalized_sentence[..length.min(10)])?;
// ==== end: reply ====
