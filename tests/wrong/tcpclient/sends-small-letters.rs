//! Sends small letters alone.
// ==== fill in here: send ====
    client_socket.write_all(&sentence.to_ascii_lowercase())?;
// ==== end: send ====
