//! Ends when a client has gone before its answer.
// ==== fill in here: time ====
                let current_time = Local::now().format("%a %b %e %H:%M:%S %Y");
                client_socket.write_all(format!("{current_time}\n").as_bytes()).unwrap();
// ==== end: time ====
