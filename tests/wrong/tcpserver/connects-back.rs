//! Opens a connection to the client's address instead of using the one it has accepted.
//! looks like: reply, the wire shows only that the connection gets no answer
// ==== fill in here: accept ====
        let (_, address) = server_socket.accept()?;
        let connection_socket = TcpStream::connect(address)?;
// ==== end: accept ====
