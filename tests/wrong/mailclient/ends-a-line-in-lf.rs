//! Ends a line as `println!` does, in LF alone.
// ==== fill in here: ehlo ====
    send(&mut client_socket, &format!("EHLO [{host}]\n"))?;
    receive(&mut client_socket, &["250"])?;
// ==== end: ehlo ====
