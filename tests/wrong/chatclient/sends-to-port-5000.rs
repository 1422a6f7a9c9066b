//! Sends the datagram to port 5000, whatever PORT it was given.
// ==== fill in here: send-udp ====
                let sent = udp_socket.send_to(msg.as_bytes(), (ip_address, 5000));
// ==== end: send-udp ====
