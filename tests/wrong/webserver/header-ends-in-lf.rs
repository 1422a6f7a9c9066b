//! Ends the lines of the header in LF, without CR.
// ==== fill in here: header ====
            connection_socket.write_all(b"HTTP/1.1 200 OK\n\n")?;
// ==== end: header ====
