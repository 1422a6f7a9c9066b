//! Does not wait for the greeting.
// ==== fill in here: greeting ====
// ==== end: greeting ====
