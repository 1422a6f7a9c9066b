//! Listens at the loopback address, whatever it was told.
// ==== fill in here: bind ====
    let server_socket = TcpListener::bind(("127.0.0.1", server_port))?;
// ==== end: bind ====
