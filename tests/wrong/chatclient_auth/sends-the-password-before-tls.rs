//! Says who it is before it shakes hands.
// ==== fill in here: tls ====
    let mut login_socket = login_socket;
    login_socket.write_all(format!("{name}\n{password}\n").as_bytes())?;
    let mut wrap_socket = connector.connect(server_name, login_socket).map_err(no_tls)?;
// ==== end: tls ====
