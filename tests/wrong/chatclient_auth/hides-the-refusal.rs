//! Ends without a word where there is no server.
// ==== fill in here: login-socket ====
    let Ok(login_socket) = TcpStream::connect_timeout(&login_address, LOGIN_TIME) else {
        process::exit(1)
    };
// ==== end: login-socket ====
