//! Takes the white space at the ends for a line end that does not matter.
// ==== fill in here: uppercase ====
    let modified_message = message.trim_ascii().to_ascii_uppercase();
// ==== end: uppercase ====
