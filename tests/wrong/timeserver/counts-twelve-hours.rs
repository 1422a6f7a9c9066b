//! Takes %I for the hour of the day.
// ==== fill in here: time ====
                let current_time = Local::now().format("%a %b %e %I:%M:%S %Y");
                client_socket.write_all(format!("{current_time}\n").as_bytes())?;
// ==== end: time ====
