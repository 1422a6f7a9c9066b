//! Sends the name with the end of its line.
// ==== fill in here: send-name ====
    writeln!(tcp_socket, "{name}")?;
// ==== end: send-name ====
