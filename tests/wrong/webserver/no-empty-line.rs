//! Leaves the empty line behind the header out.
// ==== fill in here: header ====
            connection_socket.write_all(b"HTTP/1.1 200 OK\r\n")?;
// ==== end: header ====
