//! Waits with peek until something is there, then takes as much as that was.
// ==== fill in here: connect ====
    let address = format!("{server_name}:{server_port}");
    let mut client_socket = TcpStream::connect(address)?;
// ==== end: connect ====
// ==== fill in here: receive ====
    let there = client_socket.peek(&mut buffer)?;
    client_socket.read_exact(&mut buffer[..there])?;
    let length = there;
// ==== end: receive ====
