//! Says that the content is compressed, which it is not.
// ==== fill in here: header ====
            connection_socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")?;
// ==== end: header ====
