//! Passes the client's lock by where a message goes out: two may mix.
// ==== fill in here: send-msg ====
            let mut socket = Patient::within(PATIENCE, &client_socket.socket);
            if socket.write_all(msg).is_err() {
                let _ = client_socket.socket.shutdown(Shutdown::Both);
            }
// ==== end: send-msg ====
