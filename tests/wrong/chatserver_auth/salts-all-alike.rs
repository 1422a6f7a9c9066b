//! Has one salt for all.
// ==== fill in here: hash ====
    let salt = b"socket-labs 2026";
    let hash = argon2.hash_password_with_salt(password.as_bytes(), salt);
    let hash = hash.map_err(io::Error::other)?.to_string();
// ==== end: hash ====
