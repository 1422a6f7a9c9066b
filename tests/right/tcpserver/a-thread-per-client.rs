//! Serves each client in a thread of its own.
// ==== fill in here: accept ====
        let (connection_socket, address): (TcpStream, std::net::SocketAddr) = loop {
            let (connection_socket, address) = server_socket.accept()?;
            std::thread::spawn(move || {
                if let Err(error) = capitalize(Patient::within(PATIENCE, connection_socket)) {
                    PROGRAM.complain(address, &error);
                }
            });
        };
// ==== end: accept ====
