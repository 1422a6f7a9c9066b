//! Starts the stopwatch for the RTT before it connects.
//! wrong gap: sent
// ==== fill in here: connect ====
    let before = Instant::now();
    let mut client_socket = TcpStream::connect(server_address)?;
    let connect_time = before.elapsed();
// ==== end: connect ====
// ==== fill in here: sent ====
    let (request_sent, time1) = (Local::now(), before);
// ==== end: sent ====
