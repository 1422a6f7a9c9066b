//! Takes white space off the end of the message, and so off the end of its body.
// ==== fill in here: message ====
    send(wrap_socket, message.replace("\r\n.", "\r\n..").trim_end())?;
// ==== end: message ====
