//! Writes an hour below 10 with a space before it.
// ==== fill in here: time ====
                let current_time = Local::now().format("%a %b %e %k:%M:%S %Y");
                client_socket.write_all(format!("{current_time}\n").as_bytes())?;
// ==== end: time ====
