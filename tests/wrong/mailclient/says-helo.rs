//! Says HELO, as the first version of SMTP had it: the server does not tell that it can do TLS.
// ==== fill in here: ehlo ====
    send(&mut client_socket, &format!("HELO [{host}]\r\n"))?;
    receive(&mut client_socket, &["250"])?;
// ==== end: ehlo ====
