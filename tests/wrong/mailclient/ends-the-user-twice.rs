//! Encodes as Python's encodebytes() does, with a line end, and sends another.
//! wrong gap: user, password
// ==== fill in here: user ====
    send(wrap_socket, &format!("{}\n\r\n", BASE64_STANDARD.encode(&mail.user)))?;
    receive(wrap_socket, &["334"])?;
// ==== end: user ====
// ==== fill in here: password ====
    send(wrap_socket, &format!("{}\n\r\n", BASE64_STANDARD.encode(&mail.password)))?;
    receive(wrap_socket, &["235"])?;
// ==== end: password ====
