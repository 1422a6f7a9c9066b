//! Breaks the base64 of a long user into lines.
// ==== fill in here: user ====
    send(wrap_socket, &format!("{}\r\n", base64_lines(mail.user.as_bytes())))?;
    receive(wrap_socket, &["334"])?;
// ==== end: user ====
