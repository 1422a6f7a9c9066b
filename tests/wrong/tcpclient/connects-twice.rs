//! Connects once to see whether the server is there, and once more to speak to it.
// ==== fill in here: connect ====
    TcpStream::connect((server_name, server_port))?;
    let mut client_socket = TcpStream::connect((server_name, server_port))?;
// ==== end: connect ====
