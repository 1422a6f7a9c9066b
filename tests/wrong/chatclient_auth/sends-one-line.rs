//! Puts name and password into one line.
// ==== fill in here: password ====
    wrap_socket.write_all(format!("{name} {password}\n").as_bytes())?;
// ==== end: password ====
