//! Listens at every address, whatever it was told.
// ==== fill in here: bind ====
    let server_socket = TcpListener::bind(("0.0.0.0", server_port))?;
// ==== end: bind ====
