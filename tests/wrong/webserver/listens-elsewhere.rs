//! Listens at a port of its own choice.
// ==== fill in here: bind ====
    let server_socket = TcpListener::bind((server_name, server_port ^ 1))?;
// ==== end: bind ====
