//! Ends the program as soon as the reply is there.
// ==== fill in here: receive ====
    let length = client_socket.read(&mut buffer)?;
    if length > 0 {
        std::process::exit(0);
    }
// ==== end: receive ====
