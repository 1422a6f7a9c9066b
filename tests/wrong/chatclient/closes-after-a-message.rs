//! Closes the connection behind the first message.
// ==== fill in here: send-tcp ====
            let _ = tcp_socket.write_all(usr_input.as_bytes());
            let _ = tcp_socket.shutdown(Shutdown::Write);
// ==== end: send-tcp ====
