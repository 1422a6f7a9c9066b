//! Takes the end of a connection for an empty message, again and again.
// ==== fill in here: msg ====
        let length = client_socket.read(&mut buffer).map(|length| length.max(1));
// ==== end: msg ====
