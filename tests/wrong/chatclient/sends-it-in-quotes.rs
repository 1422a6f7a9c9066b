//! Sends the message in quotation marks.
// ==== fill in here: send-tcp ====
            let _ = write!(tcp_socket, "{usr_input:?}");
// ==== end: send-tcp ====
