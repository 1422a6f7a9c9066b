//! Takes the bytes for text and capitalises all of it.
// ==== fill in here: uppercase ====
    let modified_message = String::from_utf8_lossy(message).to_uppercase().into_bytes();
// ==== end: uppercase ====
