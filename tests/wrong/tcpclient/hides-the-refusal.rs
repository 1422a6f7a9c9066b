//! Takes a refused connection for the end of its work.
// ==== fill in here: connect ====
    let Ok(mut client_socket) = TcpStream::connect((server_name, server_port)) else {
        return Ok(());
    };
// ==== end: connect ====
