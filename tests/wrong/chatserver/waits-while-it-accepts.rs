//! Waits for the name before the next client is accepted.
// ==== fill in here: accept ====
        let (client_socket, client_address) = server_socket.accept()?;
        client_socket.peek(&mut [0])?;
// ==== end: accept ====
