//! Ends the program when a client has left.
// ==== fill in here: msg ====
        let length = client_socket.read(&mut buffer);
        if matches!(length, Ok(0)) {
            std::process::exit(0);
        }
// ==== end: msg ====
