//! Starts the stopwatch for the connecting when that is over.
// ==== fill in here: connect ====
    let mut client_socket = TcpStream::connect(server_address)?;
    let time0 = Instant::now();
    let connect_time = time0.elapsed();
// ==== end: connect ====
