//! Reads a line, and its end is never sent.
// ==== fill in here: receive ====
    let mut line = Vec::new();
    io::BufRead::read_until(&mut io::BufReader::new(&mut connection_socket), b'\n', &mut line)?;
    let length = line.len();
    buffer[..length].copy_from_slice(&line);
// ==== end: receive ====
