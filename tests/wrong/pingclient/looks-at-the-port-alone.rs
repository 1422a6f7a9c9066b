//! Takes a reply from any host, as long as it comes from the server's port.
// ==== fill in here: receive ====
        let (length, address) = client_socket.recv_from(&mut buffer)?;
        let reply = &buffer[..length];
        let is_the_server = address.port() == server_address.port();
        if !is_the_server || reply != message.to_ascii_uppercase().as_bytes() {
            continue;
        }
// ==== end: receive ====
