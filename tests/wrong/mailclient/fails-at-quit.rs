//! Ends with an error when QUIT is not answered well, though the mail is delivered.
// ==== fill in here: quit ====
    send(socket, "QUIT\r\n")?;
    if receive(socket, &["221"]).is_err() {
        std::process::exit(1);
    }
    Ok(())
// ==== end: quit ====
