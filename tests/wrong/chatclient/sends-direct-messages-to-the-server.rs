//! Sends a direct message to the server, which sends it to all.
// ==== fill in here: send-udp ====
                let sent = tcp_socket.write(msg.as_bytes());
                let _ = udp_socket;
// ==== end: send-udp ====
