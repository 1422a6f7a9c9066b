//! Knows an answer by its number and its time.
// ==== fill in here: receive ====
        let (length, address) = client_socket.recv_from(&mut buffer)?;
        let reply = &buffer[..length];
        let words = reply.split(|byte| *byte == b' ').skip(1);
        let its_own = words.eq(message.as_bytes().split(|byte| *byte == b' ').skip(1));
        if address != server_address || !its_own || !reply.starts_with(b"PING ") {
            continue;
        }
// ==== end: receive ====
