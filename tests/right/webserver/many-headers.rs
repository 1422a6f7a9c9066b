//! With all header lines that RFC 9110 asks for, each in a write of its own, and shut down in the end.
// ==== fill in here: bind ====
    use std::net::ToSocketAddrs;
    let addresses: Vec<_> = (server_name, server_port).to_socket_addrs()?.collect();
    let server_socket = TcpListener::bind(addresses.as_slice())?;
// ==== end: bind ====
// ==== fill in here: header ====
            let lines = [
                "HTTP/1.1 200 OK".to_owned(),
                "Server: socket-labs".to_owned(),
                format!("Date: {}", chrono::Utc::now().format("%a, %d %b %Y %H:%M:%S GMT")),
                format!("content-length:{}", outputdata.len()),
                "Connection: close".to_owned(),
                String::new(),
            ];
            for line in lines {
                connection_socket.write_all(line.as_bytes())?;
                connection_socket.write_all(b"\r\n")?;
                connection_socket.flush()?;
            }
// ==== end: header ====
// ==== fill in here: close ====
    connection_socket.flush()?;
    connection.shutdown(Shutdown::Both)?;
// ==== end: close ====
