//! Does not ask for TLS before it begins with it.
// ==== fill in here: starttls ====
// ==== end: starttls ====
