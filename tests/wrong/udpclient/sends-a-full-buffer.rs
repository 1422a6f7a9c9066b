//! Sends the sentence in a buffer of 2048 bytes, all of them.
// ==== fill in here: send ====
    let mut datagram = [0; 2048];
    datagram[..message.len()].copy_from_slice(&message);
    client_socket.send_to(&datagram, server_address)?;
// ==== end: send ====
