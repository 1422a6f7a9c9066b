//! Writes %m for the minute.
// ==== fill in here: time ====
                let current_time = Local::now().format("%a %b %e %H:%m:%S %Y");
                client_socket.write_all(format!("{current_time}\n").as_bytes())?;
// ==== end: time ====
