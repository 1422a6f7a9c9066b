//! Forgets the end of a line.
// ==== fill in here: mail ====
    send(wrap_socket, &format!("MAIL FROM:<{}>", mail.sender))?;
    receive(wrap_socket, &["250"])?;
// ==== end: mail ====
