//! Says that there is no server, with the exit status of success.
// ==== fill in here: connect ====
    let mut client_socket = match TcpStream::connect((server_name, server_port)) {
        Ok(client_socket) => client_socket,
        Err(error) => {
            eprintln!("no server: {error}");
            std::process::exit(0);
        }
    };
// ==== end: connect ====
