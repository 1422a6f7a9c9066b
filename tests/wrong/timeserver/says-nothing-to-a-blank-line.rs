//! Passes over a blank line.
// ==== fill in here: invalid ====
                if !received_command.trim().is_empty() {
                    client_socket.write_all(b"Invalid command!\n")?;
                }
// ==== end: invalid ====
