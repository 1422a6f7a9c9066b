//! Takes more time for each hash than the package does by itself.
// ==== fill in here: hash ====
    let costly = argon2::Params::new(32 * 1024, 3, 1, None).map_err(io::Error::other)?;
    let costly = Argon2::from(costly);
    drop(argon2);
    let hash = costly.hash_password(password.as_bytes()).map_err(io::Error::other)?.to_string();
// ==== end: hash ====
