//! Takes the time of connecting for the RTT.
//! wrong gap: received
// ==== fill in here: connect ====
    let before = Instant::now();
    let mut client_socket = TcpStream::connect(server_address)?;
    let connect_time = before.elapsed();
// ==== end: connect ====
// ==== fill in here: received ====
    let (rtt, reply_received) = (connect_time, Local::now());
// ==== end: received ====
