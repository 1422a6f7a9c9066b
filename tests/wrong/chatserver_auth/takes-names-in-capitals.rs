//! Finds a user whatever the capitals of the name are.
// ==== fill in here: password ====
    let user = users.iter().find(|(user, _)| user.eq_ignore_ascii_case(name));
    let stored = user.map_or(nobody, |(_, stored)| stored);
    let right = argon2.verify_password(password.as_bytes(), stored.as_str()).is_ok();
// ==== end: password ====
