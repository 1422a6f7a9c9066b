//! Finds a user by the beginning of the name.
// ==== fill in here: password ====
    let user = users.iter().find(|(user, _)| user.starts_with(name));
    let stored = user.map_or(nobody, |(_, stored)| stored);
    let right = argon2.verify_password(password.as_bytes(), stored.as_str()).is_ok();
// ==== end: password ====
