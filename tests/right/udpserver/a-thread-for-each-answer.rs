//! Answers from a thread of its own, through a second handle of the same socket.
// ==== fill in here: reply ====
    let answering = server_socket.try_clone()?;
    std::thread::spawn(move || {
        if let Err(error) = answering.send_to(&modified_message, client_address) {
            eprintln!("udpserver: {client_address}: {error}");
        }
    });
// ==== end: reply ====
