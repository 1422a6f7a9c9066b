//! Prints the passwords that were wrong: most of them are nearly right.
// ==== fill in here: password ====
    let stored = users.get(name).unwrap_or(nobody);
    let right = argon2.verify_password(password.as_bytes(), stored.as_str()).is_ok();
    if !right {
        eprintln!("{name} tried {password}");
    }
// ==== end: password ====
