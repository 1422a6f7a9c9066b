//! Names the sender as a second receiver.
// ==== fill in here: rcpt ====
    send(wrap_socket, &format!("RCPT TO:<{}>\r\n", mail.receiver))?;
    receive(wrap_socket, &["250", "251"])?;
    send(wrap_socket, &format!("RCPT TO:<{}>\r\n", mail.sender))?;
    receive(wrap_socket, &["250", "251"])?;
// ==== end: rcpt ====
