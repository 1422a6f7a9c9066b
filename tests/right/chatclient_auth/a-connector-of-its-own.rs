//! Trusts nobody but the issuer in CHAT_CA.
// ==== fill in here: tls ====
    let file = env::var_os("CHAT_CA").unwrap_or_default();
    let issuer = Certificate::from_pem(&fs::read(file)?).map_err(io::Error::other)?;
    let mut context = TlsConnector::builder();
    context.disable_built_in_roots(true).add_root_certificate(issuer);
    let strict = context.build().map_err(io::Error::other)?;
    let mut wrap_socket = strict.connect(server_name, login_socket).map_err(no_tls)?;
// ==== end: tls ====
