//! Announces one byte more than there is.
// ==== fill in here: header ====
            let length = outputdata.len() + 1;
            write!(connection_socket, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n")?;
// ==== end: header ====
