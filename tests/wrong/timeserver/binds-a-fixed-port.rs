//! Binds port 8080, whatever it is told.
// ==== fill in here: bind ====
    let server_socket = TcpListener::bind((server_name, 8080))?;
    let _ = server_port;
// ==== end: bind ====
