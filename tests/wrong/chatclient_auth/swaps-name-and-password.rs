//! Sends the password first.
// ==== fill in here: password ====
    wrap_socket.write_all(format!("{password}\n{name}\n").as_bytes())?;
// ==== end: password ====
