//! Stores the password itself, and compares the texts.
//! wrong gap: hash
// ==== fill in here: hash ====
    let hash = password.to_owned();
// ==== end: hash ====
// ==== fill in here: password ====
    let right = users.get(name).unwrap_or(nobody) == password;
// ==== end: password ====
