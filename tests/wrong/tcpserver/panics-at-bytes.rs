//! Takes every sentence for UTF-8, and panics at one that is none.
// ==== fill in here: reply ====
    let text = String::from_utf8(sentence.to_vec()).unwrap();
    connection_socket.write_all(text.to_ascii_uppercase().as_bytes())?;
// ==== end: reply ====
