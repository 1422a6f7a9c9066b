//! Says of every file that it is HTML.
// ==== fill in here: header ====
            write!(connection_socket, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")?;
// ==== end: header ====
