//! Waits for the reply, and prints the question.
// ==== fill in here: receive ====
    client_socket.read(&mut buffer)?;
    let length = sentence.len();
    buffer[..length].copy_from_slice(&sentence);
// ==== end: receive ====
