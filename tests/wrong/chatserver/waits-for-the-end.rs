//! Reads until the client leaves, and so hears it too late.
//! looks like: send-msg, the message is lost between reading and sending
// ==== fill in here: msg ====
        let mut all = Vec::new();
        let length = client_socket.read_to_end(&mut all).map(|length| length.min(RECV_BUFFER));
        if let Ok(length) = length {
            buffer[..length].copy_from_slice(&all[..length]);
        }
// ==== end: msg ====
