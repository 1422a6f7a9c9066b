//! Looks how much there is, and then takes as much.
// ==== fill in here: receive-tcp ====
        let length = tcp_socket.peek(&mut buffer);
        if let Ok(length) = length {
            let _ = tcp_socket.read_exact(&mut buffer[..length]);
        }
// ==== end: receive-tcp ====
// ==== fill in here: receive-udp ====
        let received = udp_socket.peek_from(&mut buffer);
        if received.is_ok() {
            let _ = udp_socket.recv(&mut buffer);
        }
// ==== end: receive-udp ====
