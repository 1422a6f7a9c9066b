//! Sends the user as it is.
// ==== fill in here: user ====
    send(wrap_socket, &format!("{}\r\n", mail.user))?;
    receive(wrap_socket, &["334"])?;
// ==== end: user ====
