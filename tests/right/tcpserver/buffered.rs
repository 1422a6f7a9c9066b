//! Reads and writes through std's buffers.
// ==== fill in here: receive ====
    let mut reader = io::BufReader::new(connection_socket.try_clone()?);
    let there = io::BufRead::fill_buf(&mut reader)?;
    let length = there.len().min(buffer.len());
    buffer[..length].copy_from_slice(&there[..length]);
// ==== end: receive ====
// ==== fill in here: reply ====
    let mut writer = io::BufWriter::new(&mut connection_socket);
    writer.write_all(&sentence.to_ascii_uppercase())?;
    writer.flush()?;
// ==== end: reply ====
