//! Takes away the space in front of the message.
// ==== fill in here: send-udp ====
                let sent = udp_socket.send_to(msg.trim().as_bytes(), (ip_address, port));
// ==== end: send-udp ====
