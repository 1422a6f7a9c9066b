//! Sends each letter in a datagram of its own.
// ==== fill in here: send ====
    for letter in &message {
        client_socket.send_to(&[*letter], server_address)?;
    }
// ==== end: send ====
