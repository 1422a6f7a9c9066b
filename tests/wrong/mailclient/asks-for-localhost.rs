//! Verifies that the server is localhost, whatever its ADDRESS is.
// ==== fill in here: tls ====
    let _ = server_name;
    let connector = context.build().map_err(io::Error::other)?;
    let wrap_socket = connector.connect("localhost", client_socket).map_err(no_tls)?;
// ==== end: tls ====
