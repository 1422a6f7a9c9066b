//! Sends what one write takes.
// ==== fill in here: message ====
    let stuffed = message.replace("\r\n.", "\r\n..");
    wrap_socket.write(stuffed.as_bytes())?;
// ==== end: message ====
