//! Says Content-Length twice, and not the same.
// ==== fill in here: header ====
            let length = outputdata.len();
            write!(connection_socket, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n")?;
            write!(connection_socket, "Content-Length: 0\r\n\r\n")?;
// ==== end: header ====
