//! Serves each client in a thread of its own; EXIT ends the process.
// ==== fill in here: accept ====
        let (mut client_socket, client_address): (TcpStream, SocketAddr) = loop {
            let (mut client_socket, client_address) = server_socket.accept()?;
            std::thread::spawn(move || {
                match handle_client_commands(&mut client_socket, client_address) {
                    Ok(true) => std::process::exit(0),
                    Ok(false) => {}
                    Err(error) => PROGRAM.complain(client_address, &error),
                }
            });
        };
// ==== end: accept ====
