//! Ends when a client in the queue has gone: its socket has no peer any more.
// ==== fill in here: accept ====
        let (client_socket, _) = server_socket.accept()?;
        let client_address = client_socket.peer_addr().unwrap();
// ==== end: accept ====
