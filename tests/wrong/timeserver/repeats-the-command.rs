//! Says which command is invalid.
// ==== fill in here: invalid ====
                let answer = format!("Invalid command: {}\n", received_command.trim());
                client_socket.write_all(answer.as_bytes())?;
// ==== end: invalid ====
