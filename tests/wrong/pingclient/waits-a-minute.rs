//! Waits a minute for each answer.
// ==== fill in here: timeout ====
        let _ = time_left;
        client_socket.set_read_timeout(Some(Duration::from_secs(60)))?;
// ==== end: timeout ====
