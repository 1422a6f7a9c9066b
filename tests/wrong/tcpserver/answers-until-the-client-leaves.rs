//! Goes on with the same client until that one leaves.
// ==== fill in here: reply ====
    let mut length = length;
    while length > 0 {
        connection_socket.write_all(&buffer[..length].to_ascii_uppercase())?;
        length = connection_socket.read(&mut buffer)?;
    }
// ==== end: reply ====
