//! Listens at port 5000, whatever its PORT is.
// ==== fill in here: server-socket ====
    let server_socket = TcpListener::bind((server_ip, PORT + 1))?;
// ==== end: server-socket ====
