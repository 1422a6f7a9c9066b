//! Announces the length of the file as a text, which is another where bytes are no text.
// ==== fill in here: header ====
            let length = String::from_utf8_lossy(&outputdata).len();
            write!(connection_socket, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n")?;
// ==== end: header ====
