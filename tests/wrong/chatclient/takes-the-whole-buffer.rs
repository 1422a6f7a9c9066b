//! Takes the whole buffer for what was received.
// ==== fill in here: receive-tcp ====
        let all = buffer.len();
        let length = tcp_socket.read(&mut buffer).map(|length| if length > 0 { all } else { 0 });
// ==== end: receive-tcp ====
