//! Sends the 404 header and no page.
// ==== fill in here: not-found ====
            write!(connection_socket, "HTTP/1.1 404 Not Found\r\n\r\n")?;
// ==== end: not-found ====
