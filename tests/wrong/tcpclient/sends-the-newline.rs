//! Sends the end of the line as well.
// ==== fill in here: send ====
    client_socket.write_all(&sentence)?;
    client_socket.write_all(b"\n")?;
// ==== end: send ====
