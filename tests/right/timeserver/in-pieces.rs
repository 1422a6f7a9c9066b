//! Writes every answer in two pieces, and shuts the connection down before it ends.
// ==== fill in here: greet ====
    write!(client_socket, "You are connected from {}:", client_address.ip())?;
    writeln!(client_socket, "{}", client_address.port())?;
// ==== end: greet ====
// ==== fill in here: time ====
                let current_time = chrono::DateTime::<Local>::from(std::time::SystemTime::now());
                write!(client_socket, "{}", current_time.format("%a %b %e %T %Y"))?;
                client_socket.write_all(b"\n")?;
// ==== end: time ====
// ==== fill in here: invalid ====
                client_socket.write_all(b"Invalid ")?;
                client_socket.write_all(b"command!\n")?;
// ==== end: invalid ====
// ==== fill in here: exit ====
                client_socket.shutdown(std::net::Shutdown::Both)?;
                return Ok(true);
// ==== end: exit ====
