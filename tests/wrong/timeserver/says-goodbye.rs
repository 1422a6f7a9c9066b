//! Answers EXIT, which has no answer.
// ==== fill in here: exit ====
                client_socket.write_all(b"Goodbye!\n")?;
                return Ok(true);
// ==== end: exit ====
