//! Waits until the buffer is full.
// ==== fill in here: receive-tcp ====
        let length = tcp_socket.read_exact(&mut buffer).map(|()| buffer.len());
// ==== end: receive-tcp ====
