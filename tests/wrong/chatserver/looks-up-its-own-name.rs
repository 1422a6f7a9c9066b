//! Looks its own name up, whatever it is told.
// ==== fill in here: server-ip ====
    let server_ip = gethostbyname(&gethostname())?;
    let _ = server_name;
// ==== end: server-ip ====
