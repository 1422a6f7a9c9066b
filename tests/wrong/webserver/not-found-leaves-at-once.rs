//! Leaves before the rest of what the client sends was read.
// ==== fill in here: not-found ====
            write!(connection_socket, "HTTP/1.1 404 Not Found\r\n\r\n")?;
            send_content(&mut connection_socket, method, NOT_FOUND)?;
            return Ok(());
// ==== end: not-found ====
