//! Lets anybody guess as fast as he can.
// ==== fill in here: slow ====
            let _ = wait;
// ==== end: slow ====
