//! Does not end the password's line, so that the server waits for more.
// ==== fill in here: password ====
    wrap_socket.write_all(format!("{name}\n{password}").as_bytes())?;
// ==== end: password ====
