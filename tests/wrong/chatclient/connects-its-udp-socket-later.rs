//! Connects the UDP socket to whom it sends.
// ==== fill in here: send-udp ====
                let sent = udp_socket
                    .connect((ip_address, port))
                    .and_then(|()| udp_socket.send(msg.as_bytes()));
// ==== end: send-udp ====
