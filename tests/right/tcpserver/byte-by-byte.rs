//! Does the capitals by hand, and writes every byte by itself.
// ==== fill in here: reply ====
    for byte in sentence {
        let capital = if byte.is_ascii_lowercase() { byte - b'a' + b'A' } else { *byte };
        while connection_socket.write(&[capital])? == 0 {}
    }
// ==== end: reply ====
