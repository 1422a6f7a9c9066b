//! Reads ten bytes, and leaves the rest of the sentence unread.
// ==== fill in here: receive ====
    let length = connection_socket.read(&mut buffer[..10])?;
// ==== end: receive ====
