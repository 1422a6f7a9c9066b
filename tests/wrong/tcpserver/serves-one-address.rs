//! Serves clients of one address alone.
// ==== fill in here: accept ====
        let (connection_socket, address) = server_socket.accept()?;
        if address.ip().to_string() != "127.0.0.1" {
            continue;
        }
// ==== end: accept ====
