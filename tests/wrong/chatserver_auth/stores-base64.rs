//! Stores the password in base64, which hides nothing.
//! wrong gap: hash
// ==== fill in here: hash ====
    let hash = BASE64_STANDARD.encode(password);
// ==== end: hash ====
// ==== fill in here: password ====
    let right = *users.get(name).unwrap_or(nobody) == BASE64_STANDARD.encode(password);
// ==== end: password ====
