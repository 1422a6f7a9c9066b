//! Small letters, and a space before the address, as the original writes its commands.
// ==== fill in here: starttls ====
    send(&mut client_socket, "starttls\r\n")?;
    receive(&mut client_socket, &["220"])?;
// ==== end: starttls ====
// ==== fill in here: auth ====
    send(wrap_socket, "auth login\r\n")?;
    receive(wrap_socket, &["334"])?;
// ==== end: auth ====
// ==== fill in here: mail ====
    send(wrap_socket, &format!("mail from: <{}>\r\n", mail.sender))?;
    receive(wrap_socket, &["250"])?;
// ==== end: mail ====
// ==== fill in here: rcpt ====
    send(wrap_socket, &format!("rcpt to: <{}>\r\n", mail.receiver))?;
    receive(wrap_socket, &["250", "251"])?;
// ==== end: rcpt ====
