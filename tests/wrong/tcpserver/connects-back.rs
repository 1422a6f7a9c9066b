//! Opens a connection to the client's address instead of using the one it has accepted.
// ==== fill in here: accept ====
        let (_, address) = server_socket.accept()?;
        let connection_socket = TcpStream::connect(address)?;
// ==== end: accept ====
