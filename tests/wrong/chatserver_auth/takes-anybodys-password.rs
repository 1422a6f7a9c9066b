//! Takes the password of any user.
// ==== fill in here: password ====
    let _ = (name, nobody);
    let right = users.values().any(|stored| argon2.verify_password(password.as_bytes(), stored.as_str()).is_ok());
// ==== end: password ====
