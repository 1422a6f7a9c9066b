//! Says that the content comes in chunks, and sends it so.
// ==== fill in here: header ====
            write!(connection_socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            let mut chunks = Vec::new();
            for chunk in outputdata.chunks(7) {
                chunks.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                chunks.extend_from_slice(chunk);
                chunks.extend_from_slice(b"\r\n");
            }
            chunks.extend_from_slice(b"0\r\n\r\n");
            let outputdata = chunks;
// ==== end: header ====
