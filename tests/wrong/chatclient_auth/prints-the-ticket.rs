//! Shows the ticket on the screen.
// ==== fill in here: send-ticket ====
    println!("{ticket}");
    tcp_socket.write_all(format!("{name} {ticket}\n").as_bytes())?;
// ==== end: send-ticket ====
