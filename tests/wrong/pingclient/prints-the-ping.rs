//! Waits for the answer, and prints the ping.
// ==== fill in here: receive ====
        client_socket.recv_from(&mut buffer)?;
        let reply = message.as_bytes();
// ==== end: receive ====
