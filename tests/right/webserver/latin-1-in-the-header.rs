//! Header lines with letters of Latin-1, which RFC 9110 allows: ninety of them.
// ==== fill in here: header ====
            let length = outputdata.len();
            write!(connection_socket, "HTTP/1.1 200 OK\r\nX-Author: Bj")?;
            connection_socket.write_all(&[0xF8; 90])?;
            write!(connection_socket, "rn\r\nContent-Length: {length}\r\n\r\n")?;
// ==== end: header ====
