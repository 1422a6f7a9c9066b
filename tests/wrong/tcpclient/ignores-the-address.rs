//! Connects to this host, whatever address it was given.
// ==== fill in here: connect ====
    let mut client_socket = TcpStream::connect(("127.0.0.1", server_port))?;
// ==== end: connect ====
