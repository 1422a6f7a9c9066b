//! Ends the message with a dot that stands behind the last line, not on one of its own.
// ==== fill in here: end ====
    send(wrap_socket, ".\r\n")?;
    receive(wrap_socket, &["250"])?;
// ==== end: end ====
