//! Prints what should go to the server.
// ==== fill in here: send-tcp ====
            println!("{usr_input}");
            let _ = &mut tcp_socket;
// ==== end: send-tcp ====
