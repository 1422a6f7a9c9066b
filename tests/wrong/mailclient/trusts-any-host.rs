//! Verifies the certificate, but not whose it is.
// ==== fill in here: tls ====
    let _ = context;
    let mut context = crate::context();
    let connector = context.danger_accept_invalid_hostnames(true).build();
    let connector = connector.map_err(io::Error::other)?;
    let wrap_socket = connector.connect(server_name, client_socket).map_err(no_tls)?;
// ==== end: tls ====
