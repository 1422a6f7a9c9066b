//! Sends the name in small letters.
// ==== fill in here: password ====
    wrap_socket.write_all(format!("{}\n{password}\n", name.to_lowercase()).as_bytes())?;
// ==== end: password ====
