//! Reads ten bytes at a time.
// ==== fill in here: receive-tcp ====
        let length = tcp_socket.read(&mut buffer[..10]);
// ==== end: receive-tcp ====
