//! Ends the program as soon as the reply is there.
// ==== fill in here: receive ====
        let (length, address) = client_socket.recv_from(&mut buffer)?;
        if length > 0 {
            std::process::exit(0);
        }
// ==== end: receive ====
