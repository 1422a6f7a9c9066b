//! Sends the first 64 letters of the password.
// ==== fill in here: password ====
    wrap_socket.write_all(
        format!("{name}\n{}\n", password.chars().take(64).collect::<String>()).as_bytes(),
    )?;
// ==== end: password ====
