//! Sends through a buffer, then says that nothing more comes from this side.
// ==== fill in here: send ====
    let mut writer = io::BufWriter::new(&mut client_socket);
    writer.write_all(&sentence)?;
    writer.flush()?;
    drop(writer);
    client_socket.shutdown(std::net::Shutdown::Write)?;
// ==== end: send ====
