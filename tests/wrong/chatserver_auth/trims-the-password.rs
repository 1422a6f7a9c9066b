//! Hashes and verifies a password without the spaces around it.
//! looks like: password, from outside it is only seen which password is taken
//! wrong gap: hash
// ==== fill in here: hash ====
    let hash = argon2.hash_password(password.trim().as_bytes()).map_err(io::Error::other)?.to_string();
// ==== end: hash ====
// ==== fill in here: password ====
    let stored = users.get(name).unwrap_or(nobody);
    let right = argon2.verify_password(password.trim().as_bytes(), stored.as_str()).is_ok();
// ==== end: password ====
