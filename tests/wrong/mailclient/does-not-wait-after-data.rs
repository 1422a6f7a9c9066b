//! Sends the message without waiting for 354.
// ==== fill in here: data ====
    send(wrap_socket, "DATA\r\n")?;
// ==== end: data ====
