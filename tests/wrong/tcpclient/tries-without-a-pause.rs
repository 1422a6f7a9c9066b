//! Tries again without a pause where it is refused.
// ==== fill in here: connect ====
    let mut client_socket = loop {
        if let Ok(client_socket) = TcpStream::connect((server_name, server_port)) {
            break client_socket;
        }
    };
// ==== end: connect ====
