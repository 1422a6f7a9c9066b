//! Sends Content-Length behind the empty line.
// ==== fill in here: header ====
            let length = outputdata.len();
            write!(connection_socket, "HTTP/1.1 200 OK\r\n\r\nContent-Length: {length}\r\n")?;
// ==== end: header ====
