//! Sends each letter in a datagram of its own.
// ==== fill in here: reply ====
    for letter in &modified_message {
        server_socket.send_to(&[*letter], client_address)?;
    }
// ==== end: reply ====
