//! Sends the first ten bytes of the message.
// ==== fill in here: send-tcp ====
            let length = usr_input.len().min(10);
            let _ = tcp_socket.write_all(&usr_input.as_bytes()[..length]);
// ==== end: send-tcp ====
