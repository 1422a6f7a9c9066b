//! Says that the content is in chunks and compressed, and sends it as it is.
// ==== fill in here: header ====
            connection_socket.write_all(b"HTTP/1.1 200 OK\r\nServer: lab\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n")?;
// ==== end: header ====
