//! Sends the answer twice.
// ==== fill in here: reply ====
    let capitalized_sentence = sentence.to_ascii_uppercase();
    connection_socket.write_all(&capitalized_sentence)?;
    connection_socket.write_all(&capitalized_sentence)?;
// ==== end: reply ====
