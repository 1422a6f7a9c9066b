//! Takes one byte less than has come.
// ==== fill in here: msg ====
        let length = client_socket.read(&mut buffer).map(|length| length.saturating_sub(1));
// ==== end: msg ====
