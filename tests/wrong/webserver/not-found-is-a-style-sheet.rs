//! Says of the page of the 404 what the missing file would have been.
// ==== fill in here: not-found ====
            let kind = content_type(filename);
            write!(connection_socket, "HTTP/1.1 404 Not Found\r\nContent-Type: {kind}\r\n\r\n")?;
            send_content(&mut connection_socket, method, NOT_FOUND)?;
// ==== end: not-found ====
