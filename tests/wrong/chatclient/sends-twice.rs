//! Sends each message twice.
// ==== fill in here: send-tcp ====
            let _ = tcp_socket.write_all(usr_input.as_bytes());
            let _ = tcp_socket.write_all(usr_input.as_bytes());
// ==== end: send-tcp ====
