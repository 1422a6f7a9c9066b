//! Waits for a whole second behind each datagram.
// ==== fill in here: timeout ====
        client_socket.set_read_timeout(Some(Duration::from_secs(1)))?;
// ==== end: timeout ====
