//! Takes 251 for a refusal.
// ==== fill in here: rcpt ====
    send(wrap_socket, &format!("RCPT TO:<{}>\r\n", mail.receiver))?;
    receive(wrap_socket, &["250"])?;
// ==== end: rcpt ====
