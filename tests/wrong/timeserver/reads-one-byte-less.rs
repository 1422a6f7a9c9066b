//! Reads at most 1023 bytes.
// ==== fill in here: receive ====
        let length = client_socket.read(&mut buffer[..1023])?;
// ==== end: receive ====
