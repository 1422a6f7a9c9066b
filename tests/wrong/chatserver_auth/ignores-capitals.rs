//! Makes no difference between small letters and capitals.
//! wrong gap: hash, password
// ==== fill in here: hash ====
    let password = password.to_lowercase();
    let hash = argon2.hash_password(password.as_bytes()).map_err(io::Error::other)?.to_string();
// ==== end: hash ====
// ==== fill in here: password ====
    let stored = users.get(name).unwrap_or(nobody);
    let password = password.to_lowercase();
    let right = argon2.verify_password(password.as_bytes(), stored.as_str()).is_ok();
// ==== end: password ====
