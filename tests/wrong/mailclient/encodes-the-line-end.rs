//! Encodes the end of the line with the password.
// ==== fill in here: password ====
    let line = BASE64_STANDARD.encode(format!("{}\r\n", mail.password));
    send(wrap_socket, &format!("{line}\r\n"))?;
    receive(wrap_socket, &["235"])?;
// ==== end: password ====
