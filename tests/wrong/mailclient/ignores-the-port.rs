//! Connects to the usual port, whatever it was given.
// ==== fill in here: connect ====
    let client_socket = TcpStream::connect((server_address.ip(), 587))?;
// ==== end: connect ====
