//! Sends the datagram to the host of the server.
// ==== fill in here: send-udp ====
                let server = tcp_socket.peer_addr().map(|address| address.ip());
                let sent = server.and_then(|ip| udp_socket.send_to(msg.as_bytes(), (ip, port)));
// ==== end: send-udp ====
