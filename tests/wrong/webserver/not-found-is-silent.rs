//! Sends nothing for a file that is not there.
// ==== fill in here: not-found ====
            // It was said on the screen.
// ==== end: not-found ====
