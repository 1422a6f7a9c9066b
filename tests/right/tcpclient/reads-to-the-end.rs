//! Reads until the server has closed or the buffer is full: an answer may come in pieces.
// ==== fill in here: receive ====
    let mut length = 0;
    while length < buffer.len() {
        match client_socket.read(&mut buffer[length..])? {
            0 => break,
            more => length += more,
        }
    }
// ==== end: receive ====
