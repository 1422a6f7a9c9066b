//! Connects to the usual port, whatever port it was given.
// ==== fill in here: connect ====
    let time0 = Instant::now();
    let client_socket = TcpStream::connect((server_ip, SERVER_PORT))?;
    let connect_time = time0.elapsed();
// ==== end: connect ====
