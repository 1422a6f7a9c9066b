//! Connects to a port that is written in the program, whatever PORT it was given.
// ==== fill in here: connect ====
    let mut tcp_socket = TcpStream::connect((server_ip, 5003))?;
// ==== end: connect ====
