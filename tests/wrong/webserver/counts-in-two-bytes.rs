//! Counts the content in a number that is too small for a long file.
// ==== fill in here: header ====
            let length = outputdata.len() as u16;
            write!(connection_socket, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n")?;
// ==== end: header ====
