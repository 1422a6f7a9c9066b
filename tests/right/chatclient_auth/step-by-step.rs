//! Looks at each result by itself.
// ==== fill in here: tls ====
    let mut wrap_socket = match connector.connect(server_name, login_socket) {
        Ok(wrap_socket) => wrap_socket,
        Err(error) => return Err(no_tls(error)),
    };
// ==== end: tls ====
// ==== fill in here: ticket ====
    let ticket = match answer.split_once(' ') {
        Some(("TICKET", ticket)) => ticket,
        _ => return Err(refused(&answer, password)),
    };
// ==== end: ticket ====
// ==== fill in here: send-ticket ====
    writeln!(tcp_socket, "{name} {ticket}")?;
// ==== end: send-ticket ====
