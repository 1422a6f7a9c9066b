//! Says the server's address for its own.
// ==== fill in here: ehlo ====
    let server = client_socket.socket.peer_addr()?.ip();
    send(&mut client_socket, &format!("EHLO [{server}]\r\n"))?;
    receive(&mut client_socket, &["250"])?;
// ==== end: ehlo ====
