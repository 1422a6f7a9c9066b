//! Sends a greeting behind the name.
// ==== fill in here: send-name ====
    tcp_socket.write_all(name.as_bytes())?;
    tcp_socket.write_all(b" joins the chat")?;
// ==== end: send-name ====
