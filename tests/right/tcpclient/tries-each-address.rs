//! Resolves the name itself and tries one address after the other, each for a limited time.
// ==== fill in here: connect ====
    use std::net::ToSocketAddrs;
    let mut last = io::Error::other("the name has no address");
    let mut connected = None;
    for address in (server_name, server_port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                connected = Some(stream);
                break;
            }
            Err(error) => last = error,
        }
    }
    let mut client_socket = connected.ok_or(last)?;
// ==== end: connect ====
