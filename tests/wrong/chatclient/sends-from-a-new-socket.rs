//! Makes a socket of its own for each datagram.
// ==== fill in here: send-udp ====
                let socket = UdpSocket::bind("0.0.0.0:0");
                let sent = socket.and_then(|it| it.send_to(msg.as_bytes(), (ip_address, port)));
                let _ = udp_socket;
// ==== end: send-udp ====
