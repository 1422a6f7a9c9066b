//! Reads a name to the end of a line.
// ==== fill in here: name ====
    let mut length = 0;
    while length == 0 || buffer[length - 1] != b'\n' {
        length += client_socket.read(&mut buffer[length..])?;
    }
// ==== end: name ====
