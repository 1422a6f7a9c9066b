//! Sends every word by itself.
// ==== fill in here: login-socket ====
    let login_socket = TcpStream::connect(login_address)?;
    login_socket.set_nodelay(true)?;
// ==== end: login-socket ====
// ==== fill in here: password ====
    for word in [&name, "\n", password, "\n"] {
        wrap_socket.write_all(word.as_bytes())?;
        wrap_socket.flush()?;
    }
// ==== end: password ====
// ==== fill in here: send-ticket ====
    for word in [&name, " ", &ticket, "\n"] {
        tcp_socket.write_all(word.as_bytes())?;
    }
// ==== end: send-ticket ====
