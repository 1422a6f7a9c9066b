//! Looks who has sent and how much, and takes only what the server has sent.
// ==== fill in here: receive ====
        let (length, address) = client_socket.peek_from(&mut buffer)?;
        let reply = &buffer[..length];
        let wanted = message.to_ascii_uppercase();
        client_socket.recv_from(&mut [0])?;
        if address != server_address || reply != wanted.as_bytes() {
            continue;
        }
// ==== end: receive ====
