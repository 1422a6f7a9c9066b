//! Lets the kernel choose a port.
// ==== fill in here: server-socket ====
    let server_socket = TcpListener::bind((server_ip, 0))?;
// ==== end: server-socket ====
