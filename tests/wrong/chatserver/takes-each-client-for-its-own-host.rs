//! Notes down 127.0.0.1 for every client.
// ==== fill in here: accept ====
        let (client_socket, mut client_address) = server_socket.accept()?;
        client_address.set_ip(IpAddr::from([127, 0, 0, 1]));
// ==== end: accept ====
