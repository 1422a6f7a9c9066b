//! Formats with `write!`, and sends datagrams by a second handle of the same socket.
// ==== fill in here: send-name ====
    write!(tcp_socket, "{name}")?;
// ==== end: send-name ====
// ==== fill in here: send-udp ====
                let receiver = SocketAddr::new(ip_address, port);
                let sent = udp_socket.try_clone().and_then(|it| it.send_to(msg.as_bytes(), receiver));
// ==== end: send-udp ====
// ==== fill in here: send-tcp ====
            let _ = write!(tcp_socket, "{usr_input}");
// ==== end: send-tcp ====
