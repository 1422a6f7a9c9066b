//! Sends the message and its end in one piece, straight into the socket.
// ==== fill in here: connect ====
    let client_socket = TcpStream::connect(server_address)?;
// ==== end: connect ====
// ==== fill in here: message ====
    let whole = message.replace("\r\n.", "\r\n..") + END_OF_MESSAGE;
// ==== end: message ====
// ==== fill in here: end ====
    wrap_socket.write_all(whole.as_bytes())?;
    wrap_socket.flush()?;
    receive(wrap_socket, &["250"])?;
// ==== end: end ====
