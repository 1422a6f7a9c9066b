//! Answers with the time as chrono writes it.
// ==== fill in here: time ====
                client_socket.write_all(format!("{}\n", Local::now()).as_bytes())?;
// ==== end: time ====
