//! Keeps a second handle of every socket, which nobody closes.
// ==== fill in here: accept ====
        let (client_socket, client_address) = server_socket.accept()?;
        std::mem::forget(client_socket.try_clone()?);
// ==== end: accept ====
