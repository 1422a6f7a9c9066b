//! Says to HEAD that there is no content.
// ==== fill in here: header ====
            let length = if method == "HEAD" { 0 } else { outputdata.len() };
            write!(connection_socket, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n")?;
// ==== end: header ====
