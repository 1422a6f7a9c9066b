//! Waits for ever for an answer.
// ==== fill in here: timeout ====
        let _ = time_left;
// ==== end: timeout ====
