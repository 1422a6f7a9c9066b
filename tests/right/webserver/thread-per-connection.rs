//! A thread for each connection.
// ==== fill in here: accept ====
        let (connection_socket, address): (TcpStream, std::net::SocketAddr) = loop {
            let (connection_socket, address) = server_socket.accept()?;
            let root = root.clone();
            std::thread::spawn(move || {
                if let Err(error) = handle(&connection_socket, &root) {
                    PROGRAM.complain(address, &error);
                }
            });
        };
// ==== end: accept ====
// ==== fill in here: outputdata ====
            let f = io::BufReader::new(&mut f);
            for byte in f.bytes() {
                outputdata.push(byte?);
            }
// ==== end: outputdata ====
