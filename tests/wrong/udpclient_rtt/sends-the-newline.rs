//! Sends the end of the line as well.
// ==== fill in here: send ====
    let line = [&message[..], b"\n"].concat();
    client_socket.send_to(&line, server_address)?;
// ==== end: send ====
