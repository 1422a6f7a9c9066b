//! Ends the login of an unknown name without an answer.
// ==== fill in here: password ====
    let unknown = io::Error::other("there is no such user");
    let stored = users.get(name).ok_or(unknown)?;
    let right = argon2.verify_password(password.as_bytes(), stored.as_str()).is_ok();
// ==== end: password ====
