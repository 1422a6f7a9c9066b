//! Waits for an answer of the server to each message.
// ==== fill in here: send-tcp ====
            let _ = tcp_socket.write_all(usr_input.as_bytes());
            let _ = tcp_socket.read(&mut [0; 1024]);
// ==== end: send-tcp ====
