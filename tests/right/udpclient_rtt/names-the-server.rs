//! Gives the server by name, and reads the wall clock through its own type.
// ==== fill in here: sent ====
    let request_sent: DateTime<Local> = std::time::SystemTime::now().into();
    let time1 = Instant::now();
// ==== end: sent ====
// ==== fill in here: send ====
    client_socket.send_to(message.as_slice(), (server_ip, server_port))?;
// ==== end: send ====
