//! Connects to port 5001, whatever the PORT is.
// ==== fill in here: login-socket ====
    let login_socket = TcpStream::connect((login_address.ip(), PORT + 1))?;
// ==== end: login-socket ====
