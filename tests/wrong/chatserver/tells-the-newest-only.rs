//! Sends the roster to the client that came last, and to nobody else.
// ==== fill in here: send-active-users ====
        let newest = SOCKETS.lock().unwrap().values().next_back().map(Arc::clone);
        if newest.is_some_and(|newest| Arc::ptr_eq(&newest, &client_socket)) {
            client_socket.send(&active_users);
        }
// ==== end: send-active-users ====
