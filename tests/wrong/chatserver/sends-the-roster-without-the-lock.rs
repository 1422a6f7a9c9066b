//! Passes the client's lock by where the roster goes out: it may land in the midst of a message.
// ==== fill in here: send-active-users ====
        let _ = Patient::within(PATIENCE, &client_socket.socket).write_all(&active_users);
// ==== end: send-active-users ====
