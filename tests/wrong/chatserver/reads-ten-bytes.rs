//! Reads a message in pieces of ten bytes.
// ==== fill in here: msg ====
        let length = client_socket.read(&mut buffer[..10]);
// ==== end: msg ====
