//! Takes every sentence for UTF-8, and drops a client whose bytes are none.
// ==== fill in here: reply ====
    let text = std::str::from_utf8(sentence).map_err(io::Error::other)?;
    connection_socket.write_all(text.to_ascii_uppercase().as_bytes())?;
// ==== end: reply ====
