//! Looks at the reply and does nothing about it, as the Python of the original does.
// ==== fill in here: mail ====
    send(wrap_socket, &format!("MAIL FROM:<{}>\r\n", mail.sender))?;
    let _ = receive(wrap_socket, &["250"]);
// ==== end: mail ====
