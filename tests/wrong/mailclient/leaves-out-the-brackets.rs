//! Names the sender without < and >.
// ==== fill in here: mail ====
    send(wrap_socket, &format!("MAIL FROM:{}\r\n", mail.sender))?;
    receive(wrap_socket, &["250"])?;
// ==== end: mail ====
