//! Answers an invalid command without a newline.
// ==== fill in here: invalid ====
                client_socket.write_all(b"Invalid command!")?;
// ==== end: invalid ====
