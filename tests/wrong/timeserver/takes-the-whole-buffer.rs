//! Takes all of the buffer for the command.
// ==== fill in here: receive ====
        let mut length = client_socket.read(&mut buffer)?;
        if length > 0 {
            length = buffer.len();
        }
// ==== end: receive ====
