//! Does not say that a ping was lost.
// ==== fill in here: lost ====
                continue;
// ==== end: lost ====
