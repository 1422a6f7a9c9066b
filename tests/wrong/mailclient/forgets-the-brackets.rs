//! Says its address without the brackets.
// ==== fill in here: ehlo ====
    send(&mut client_socket, &format!("EHLO {host}\r\n"))?;
    receive(&mut client_socket, &["250"])?;
// ==== end: ehlo ====
