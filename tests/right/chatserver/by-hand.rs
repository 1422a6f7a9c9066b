//! Its own loop over the sockets, and the address resolved together with the port.
// ==== fill in here: server-ip ====
    let mut addresses = std::net::ToSocketAddrs::to_socket_addrs(&(server_name, PORT))?;
    let server_ip = addresses.next().expect("a name that is found has an address").ip();
// ==== end: server-ip ====
// ==== fill in here: accept ====
        let client = server_socket.incoming().next().expect("it never ends")?;
        let (client_address, client_socket) = (client.peer_addr()?, client);
// ==== end: accept ====
// ==== fill in here: broadcast-msg ====
        let sockets: Vec<_> = SOCKETS.lock().unwrap().values().cloned().collect();
        for other in sockets.iter().filter(|other| other.name != client.name) {
            other.send(msg.as_bytes());
        }
// ==== end: broadcast-msg ====
