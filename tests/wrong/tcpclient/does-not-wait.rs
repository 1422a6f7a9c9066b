//! Prints its own capitals without waiting for the reply.
// ==== fill in here: receive ====
    let length = sentence.len();
    buffer[..length].copy_from_slice(&sentence.to_ascii_uppercase());
// ==== end: receive ====
