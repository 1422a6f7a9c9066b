//! Waits for half of its time.
// ==== fill in here: slow ====
            thread::sleep(wait / 2);
// ==== end: slow ====
