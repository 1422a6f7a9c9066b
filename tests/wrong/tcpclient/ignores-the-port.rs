//! Connects to the port that stands in the source, whatever it was given.
// ==== fill in here: connect ====
    let mut client_socket = TcpStream::connect((server_name, SERVER_PORT))?;
// ==== end: connect ====
