//! Sends the length of the sentence before it.
// ==== fill in here: send ====
    client_socket.write_all(&(sentence.len() as u32).to_be_bytes())?;
    client_socket.write_all(&sentence)?;
// ==== end: send ====
