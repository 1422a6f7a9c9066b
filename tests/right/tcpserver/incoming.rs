//! Takes the next of the incoming connections, and reads into a larger buffer.
// ==== fill in here: accept ====
        let next = server_socket.incoming().next();
        let connection_socket = next.expect("there is always a next one")?;
        let address = connection_socket.peer_addr().or_else(|_| server_socket.local_addr())?;
// ==== end: accept ====
// ==== fill in here: receive ====
    let mut buffer = [0; 8192];
    let length = connection_socket.read(&mut buffer)?;
// ==== end: receive ====
