//! Leaves out what is no ASCII before it sends.
// ==== fill in here: send ====
    let ascii: Vec<u8> = message.into_iter().filter(u8::is_ascii).collect();
    client_socket.send_to(&ascii, server_address)?;
// ==== end: send ====
