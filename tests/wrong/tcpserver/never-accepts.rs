//! Waits before it accepts, for ever.
// ==== fill in here: accept ====
        std::thread::sleep(Duration::MAX);
        let (connection_socket, address) = server_socket.accept()?;
// ==== end: accept ====
