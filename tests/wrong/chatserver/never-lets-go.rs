//! Does not notice that a client has left.
// ==== fill in here: msg ====
        let length = client_socket.read(&mut buffer).map(|length| {
            if length == 0 {
                thread::park();
            }
            length
        });
// ==== end: msg ====
