//! Sends other words for an invalid command.
// ==== fill in here: invalid ====
                client_socket.write_all(b"invalid command\n")?;
// ==== end: invalid ====
