//! Accepts whatever certificate there is.
// ==== fill in here: tls ====
    let mut trusting = TlsConnector::builder();
    let trusting = trusting.danger_accept_invalid_certs(true).build().map_err(io::Error::other)?;
    let mut wrap_socket = trusting.connect(server_name, login_socket).map_err(no_tls)?;
// ==== end: tls ====
