//! The header of a report that goes around: HTTP/1.0, and LF three times.
// ==== fill in here: header ====
            connection_socket.write_all(b"HTTP/1.0 200 OK\r\n\n\n")?;
// ==== end: header ====
