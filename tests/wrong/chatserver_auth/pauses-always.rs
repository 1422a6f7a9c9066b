//! Pauses for a second also where nobody has guessed before.
// ==== fill in here: slow ====
            thread::sleep(wait + PAUSE);
// ==== end: slow ====
