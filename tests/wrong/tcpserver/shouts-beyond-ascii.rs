//! Takes each byte for a character and capitalises all of them.
// ==== fill in here: reply ====
    let text: String = sentence.iter().map(|byte| char::from(*byte)).collect();
    connection_socket.write_all(text.to_uppercase().as_bytes())?;
// ==== end: reply ====
