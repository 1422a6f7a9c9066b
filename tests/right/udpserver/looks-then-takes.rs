//! Looks first who is there, then takes the datagram, and tries again where it was interrupted.
// ==== fill in here: bind ====
    let address = format!("{server_name}:{server_port}");
    let server_socket = UdpSocket::bind(address)?;
// ==== end: bind ====
// ==== fill in here: receive ====
        let (length, client_address) = loop {
            let Ok((_, first)) = server_socket.peek_from(&mut buffer) else { continue };
            match server_socket.recv_from(&mut buffer) {
                Ok((length, sender)) if sender == first => break (length, sender),
                _ => continue,
            }
        };
// ==== end: receive ====
// ==== fill in here: uppercase ====
    let mut modified_message = message.to_owned();
    modified_message.make_ascii_uppercase();
// ==== end: uppercase ====
