//! Sends the sentence without the white space at its ends.
// ==== fill in here: send ====
    client_socket.send_to(message.trim_ascii(), server_address)?;
// ==== end: send ====
