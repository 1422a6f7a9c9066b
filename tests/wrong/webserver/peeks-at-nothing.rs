//! Does not read at all.
// ==== fill in here: message ====
        let length = 0;
// ==== end: message ====
