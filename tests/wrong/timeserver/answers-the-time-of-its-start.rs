//! Asks the clock once, and always sends what it said then.
// ==== fill in here: time ====
                static START: std::sync::OnceLock<String> = std::sync::OnceLock::new();
                let current_time = START.get_or_init(|| {
                    let start = Local::now() - Duration::from_secs(3000);
                    start.format("%a %b %e %H:%M:%S %Y").to_string()
                });
                client_socket.write_all(format!("{current_time}\n").as_bytes())?;
// ==== end: time ====
