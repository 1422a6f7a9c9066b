//! Sends the message back as it came.
// ==== fill in here: uppercase ====
    let modified_message = message.to_vec();
// ==== end: uppercase ====
