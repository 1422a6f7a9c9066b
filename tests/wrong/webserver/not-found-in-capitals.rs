//! Writes the reason its own way.
// ==== fill in here: not-found ====
            write!(connection_socket, "HTTP/1.1 404 NOT FOUND\r\n\r\n")?;
            send_content(&mut connection_socket, method, NOT_FOUND)?;
// ==== end: not-found ====
