//! Writes into a buffer that is never sent.
// ==== fill in here: send ====
    let mut writer = io::BufWriter::new(client_socket.try_clone()?);
    writer.write_all(&sentence)?;
    std::mem::forget(writer);
// ==== end: send ====
