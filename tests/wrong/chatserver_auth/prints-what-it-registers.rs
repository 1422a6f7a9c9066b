//! Prints a password as it is registered.
// ==== fill in here: hash ====
    println!("hashing {password}");
    let hash = argon2.hash_password(password.as_bytes()).map_err(io::Error::other)?.to_string();
// ==== end: hash ====
