//! Reads up to the end of a line.
// ==== fill in here: receive-tcp ====
        let mut line = Vec::new();
        let mut byte = [0];
        while !line.ends_with(b"\n") && line.len() < 1024 {
            match tcp_socket.read(&mut byte) {
                Ok(1) => line.push(byte[0]),
                _ => break,
            }
        }
        buffer[..line.len()].copy_from_slice(&line);
        let length: io::Result<usize> = Ok(line.len());
// ==== end: receive-tcp ====
