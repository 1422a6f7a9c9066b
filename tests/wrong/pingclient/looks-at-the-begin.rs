//! Takes for the answer whatever begins as it does.
// ==== fill in here: receive ====
        let (length, address) = client_socket.recv_from(&mut buffer)?;
        let reply = &buffer[..length];
        if address != server_address || !reply.starts_with(message.to_ascii_uppercase().as_bytes()) {
            continue;
        }
// ==== end: receive ====
