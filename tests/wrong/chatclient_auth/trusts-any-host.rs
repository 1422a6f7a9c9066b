//! Does not look for whom a certificate was made.
// ==== fill in here: tls ====
    let file = env::var_os("CHAT_CA").unwrap_or_default();
    let issuer = Certificate::from_pem(&fs::read(file)?).map_err(io::Error::other)?;
    let mut trusting = TlsConnector::builder();
    trusting.add_root_certificate(issuer).danger_accept_invalid_hostnames(true);
    let trusting = trusting.build().map_err(io::Error::other)?;
    let mut wrap_socket = trusting.connect(server_name, login_socket).map_err(no_tls)?;
// ==== end: tls ====
