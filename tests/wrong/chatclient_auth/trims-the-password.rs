//! Leaves out the white space around the password.
// ==== fill in here: password ====
    wrap_socket.write_all(format!("{name}\n{}\n", password.trim()).as_bytes())?;
// ==== end: password ====
