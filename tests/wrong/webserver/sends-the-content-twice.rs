//! Sends the content with the header, and again.
// ==== fill in here: header ====
            connection_socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
            connection_socket.write_all(&outputdata)?;
// ==== end: header ====
