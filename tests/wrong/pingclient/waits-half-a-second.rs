//! Waits half a second for each answer.
// ==== fill in here: timeout ====
        client_socket.set_read_timeout(Some(time_left / 2))?;
// ==== end: timeout ====
