//! Turns the sentence into capitals before it sends it.
// ==== fill in here: send ====
    client_socket.write_all(&sentence.to_ascii_uppercase())?;
// ==== end: send ====
