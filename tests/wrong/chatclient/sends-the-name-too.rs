//! Sends all that was typed, the name of the receiver included.
// ==== fill in here: send-udp ====
                let sent = udp_socket.send_to(usr_input.as_bytes(), (ip_address, port));
                let _ = msg;
// ==== end: send-udp ====
