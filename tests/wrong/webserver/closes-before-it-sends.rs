//! Shuts the connection down before what was gathered has gone.
// ==== fill in here: close ====
    connection.shutdown(Shutdown::Both)?;
// ==== end: close ====
