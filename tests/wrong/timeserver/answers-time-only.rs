//! Sends hours, minutes and seconds, and no day.
// ==== fill in here: time ====
                let current_time = Local::now().format("%H:%M:%S");
                client_socket.write_all(format!("{current_time}\n").as_bytes())?;
// ==== end: time ====
