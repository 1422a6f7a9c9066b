//! Answers in UTC.
// ==== fill in here: time ====
                let current_time = chrono::Utc::now().format("%a %b %e %H:%M:%S %Y");
                client_socket.write_all(format!("{current_time}\n").as_bytes())?;
// ==== end: time ====
