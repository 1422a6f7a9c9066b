//! Tries again for ever where it is refused.
// ==== fill in here: connect ====
    let mut client_socket = loop {
        match TcpStream::connect((server_name, server_port)) {
            Ok(client_socket) => break client_socket,
            Err(_) => std::thread::sleep(Duration::from_millis(100)),
        }
    };
// ==== end: connect ====
