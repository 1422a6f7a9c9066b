//! Switches verification off, as many an answer in the web advises.
// ==== fill in here: tls ====
    let _ = context;
    let connector = TlsConnector::builder().danger_accept_invalid_certs(true).build();
    let connector = connector.map_err(io::Error::other)?;
    let wrap_socket = connector.connect(server_name, client_socket).map_err(no_tls)?;
// ==== end: tls ====
