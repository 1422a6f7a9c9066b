//! Sends the answer in two parts, then says that there is no more.
// ==== fill in here: bind ====
    use std::net::ToSocketAddrs;
    let mut addresses = (server_name, server_port).to_socket_addrs()?;
    let address = addresses.next().ok_or(io::ErrorKind::AddrNotAvailable)?;
    let server_socket = TcpListener::bind(address)?;
// ==== end: bind ====
// ==== fill in here: reply ====
    let (first, rest) = sentence.split_at(length / 2);
    connection_socket.write_all(&first.to_ascii_uppercase())?;
    connection_socket.write_all(&rest.to_ascii_uppercase())?;
    connection_socket.shutdown(std::net::Shutdown::Write)?;
// ==== end: reply ====
