//! Says that all files are texts, too.
// ==== fill in here: header ====
            let (kind, length) = (content_type(filename), outputdata.len());
            write!(connection_socket, "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Type: text/plain\r\n")?;
            write!(connection_socket, "Content-Length: {length}\r\nConnection: close\r\n\r\n")?;
// ==== end: header ====
