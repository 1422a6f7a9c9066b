//! Sends a line with its end.
// ==== fill in here: send-tcp ====
            let _ = writeln!(tcp_socket, "{usr_input}");
// ==== end: send-tcp ====
