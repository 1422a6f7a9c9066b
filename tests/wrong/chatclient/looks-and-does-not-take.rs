//! Looks at what has come, and leaves it in the socket.
// ==== fill in here: receive-tcp ====
        let length = tcp_socket.peek(&mut buffer);
        let _ = tcp_socket.read(&mut []);
// ==== end: receive-tcp ====
