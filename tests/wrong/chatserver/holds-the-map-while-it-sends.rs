//! Holds the map of sockets as long as sending takes.
// ==== fill in here: broadcast-msg ====
        for client_socket in SOCKETS.lock().unwrap().values() {
            if !Arc::ptr_eq(client_socket, client) {
                client_socket.send(msg.as_bytes());
            }
        }
// ==== end: broadcast-msg ====
