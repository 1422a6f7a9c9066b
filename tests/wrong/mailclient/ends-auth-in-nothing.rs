//! Sends AUTH LOGIN without the end of its line.
// ==== fill in here: auth ====
    send(wrap_socket, "AUTH LOGIN")?;
    receive(wrap_socket, &["334"])?;
// ==== end: auth ====
