//! Connects to the port of the chat.
// ==== fill in here: login-socket ====
    let chat = SocketAddr::new(login_address.ip(), login_address.port() - 1);
    let login_socket = TcpStream::connect_timeout(&chat, LOGIN_TIME)?;
// ==== end: login-socket ====
