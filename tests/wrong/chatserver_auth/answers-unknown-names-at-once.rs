//! Makes no hash where there is no user, so that a clock tells who is registered.
// ==== fill in here: password ====
    let right = users.get(name).is_some_and(|stored| {
        argon2.verify_password(password.as_bytes(), stored.as_str()).is_ok()
    });
// ==== end: password ====
