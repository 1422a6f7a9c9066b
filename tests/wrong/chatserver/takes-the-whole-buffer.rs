//! Takes the whole buffer for a message.
// ==== fill in here: msg ====
        let all = buffer.len();
        let length = client_socket.read(&mut buffer).map(|length| if length > 0 { all } else { 0 });
// ==== end: msg ====
