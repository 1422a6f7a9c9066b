//! Answers without the white space at the sentence's ends.
// ==== fill in here: reply ====
    connection_socket.write_all(&sentence.trim_ascii().to_ascii_uppercase())?;
// ==== end: reply ====
