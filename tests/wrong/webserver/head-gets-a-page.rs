//! Sends the page of the 404 also when only the header was asked for.
// ==== fill in here: not-found ====
            write!(connection_socket, "HTTP/1.1 404 Not Found\r\n\r\n")?;
            connection_socket.write_all(NOT_FOUND)?;
// ==== end: not-found ====
