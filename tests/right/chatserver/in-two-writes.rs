//! A message in two pieces, and the socket locked by hand.
// ==== fill in here: send-msg ====
            let _alone = client_socket.sending.lock().unwrap();
            let mut socket = &client_socket.socket;
            let (first, second) = msg.split_at(msg.len() / 2);
            if socket.write_all(first).and_then(|()| socket.write_all(second)).is_err() {
                let _ = socket.shutdown(Shutdown::Both);
            }
// ==== end: send-msg ====
