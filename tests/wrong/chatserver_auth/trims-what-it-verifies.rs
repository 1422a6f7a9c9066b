//! Verifies a password without the spaces around it.
// ==== fill in here: password ====
    let stored = users.get(name).unwrap_or(nobody);
    let right = argon2.verify_password(password.trim().as_bytes(), stored.as_str()).is_ok();
// ==== end: password ====
