//! Looks at a message and leaves it in the queue, so that it comes again and again.
//! looks like: broadcast-msg, a message that comes again may be read or sent twice
// ==== fill in here: msg ====
        let length = client_socket.peek(&mut buffer);
// ==== end: msg ====
