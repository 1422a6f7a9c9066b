//! Reads no reply to RCPT TO and none to DATA.
//! wrong gap: rcpt, data
//! looks like: last, a reply that is not read is not printed either
// ==== fill in here: rcpt ====
    send(wrap_socket, &format!("RCPT TO:<{}>\r\n", mail.receiver))?;
// ==== end: rcpt ====
// ==== fill in here: data ====
    send(wrap_socket, "DATA\r\n")?;
// ==== end: data ====
