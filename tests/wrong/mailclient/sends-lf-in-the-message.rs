//! Sends the message with the line ends of this host.
// ==== fill in here: message ====
    send(wrap_socket, &message.replace("\r\n.", "\r\n..").replace("\r\n", "\n"))?;
// ==== end: message ====
