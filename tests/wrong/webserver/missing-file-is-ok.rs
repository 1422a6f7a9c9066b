//! Says 200 for a file that is not there.
// ==== fill in here: not-found ====
            write!(connection_socket, "HTTP/1.1 200 OK\r\n\r\n")?;
            send_content(&mut connection_socket, method, NOT_FOUND)?;
// ==== end: not-found ====
