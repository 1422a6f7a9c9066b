//! Ignores the length and prints all 2048 bytes of the buffer.
// ==== fill in here: receive ====
        let (_, address) = client_socket.recv_from(&mut buffer)?;
        let length = buffer.len();
// ==== end: receive ====
