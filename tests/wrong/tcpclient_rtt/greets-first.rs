//! Sends a greeting to warm the connection up.
// ==== fill in here: sent ====
    client_socket.write_all(b"hello ")?;
    let (request_sent, time1) = (Local::now(), Instant::now());
// ==== end: sent ====
