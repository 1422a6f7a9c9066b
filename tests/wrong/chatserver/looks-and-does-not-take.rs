//! Looks at a message and leaves it in the queue, so that it comes again and again.
// ==== fill in here: msg ====
        let length = client_socket.peek(&mut buffer);
// ==== end: msg ====
