//! Waits for the reply before it has asked.
// ==== fill in here: send ====
    let mut early = [0; 2048];
    client_socket.recv_from(&mut early)?;
    client_socket.send_to(&message, server_address)?;
// ==== end: send ====
