//! Holds the map of sockets while a roster goes to a client.
//! looks like: broadcast-msg, either sends while it holds the map
// ==== fill in here: send-active-users ====
        let _sockets = SOCKETS.lock().unwrap();
        client_socket.send(&active_users);
// ==== end: send-active-users ====
