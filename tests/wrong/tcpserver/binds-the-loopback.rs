//! Listens at the loopback only, where no other host gets through.
// ==== fill in here: bind ====
    let server_socket = TcpListener::bind(("127.0.0.1", server_port))?;
// ==== end: bind ====
