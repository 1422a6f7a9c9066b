//! Expects the usual code where the server has another.
// ==== fill in here: password ====
    send(wrap_socket, &format!("{}\r\n", BASE64_STANDARD.encode(&mail.password)))?;
    receive(wrap_socket, &["250"])?;
// ==== end: password ====
