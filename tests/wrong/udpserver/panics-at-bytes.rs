//! Takes every datagram for UTF-8, and panics at one that is none.
// ==== fill in here: uppercase ====
    let text = String::from_utf8(message.to_vec()).unwrap();
    let modified_message = text.to_ascii_uppercase().into_bytes();
// ==== end: uppercase ====
