//! Sends the name over a connection of its own.
//! looks like: connect, a second connection may be opened in either gap
// ==== fill in here: send-name ====
    TcpStream::connect((server_ip, port))?.write_all(name.as_bytes())?;
    let _ = &mut tcp_socket;
// ==== end: send-name ====
