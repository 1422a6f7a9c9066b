//! Takes the own address for that of the client.
// ==== fill in here: accept ====
        let (client_socket, _) = server_socket.accept()?;
        let client_address: SocketAddr = server_socket.local_addr()?;
// ==== end: accept ====
