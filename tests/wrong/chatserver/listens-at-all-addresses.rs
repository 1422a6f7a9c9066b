//! Listens at every address of the host.
// ==== fill in here: server-socket ====
    let server_socket = TcpListener::bind(("0.0.0.0", port))?;
    let _ = server_ip;
// ==== end: server-socket ====
