//! Closes the connection behind an invalid command.
// ==== fill in here: invalid ====
                client_socket.write_all(b"Invalid command!\n")?;
                return Ok(false);
// ==== end: invalid ====
