//! Sends the sentence without the white space at its ends.
// ==== fill in here: send ====
    client_socket.write_all(sentence.trim_ascii())?;
// ==== end: send ====
