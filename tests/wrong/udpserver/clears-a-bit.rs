//! Clears the bit that tells a from A, in every byte.
// ==== fill in here: uppercase ====
    let modified_message: Vec<u8> = message.iter().map(|byte| byte & 0xdf).collect();
// ==== end: uppercase ====
