//! Has minutes and seconds in the wrong order.
// ==== fill in here: time ====
                let current_time = Local::now().format("%a %b %e %H:%S:%M %Y");
                client_socket.write_all(format!("{current_time}\n").as_bytes())?;
// ==== end: time ====
