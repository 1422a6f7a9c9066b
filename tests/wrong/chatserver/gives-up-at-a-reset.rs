//! Panics when a client has gone.
// ==== fill in here: send-active-users ====
            let sent = (&client_socket.socket).write_all(&active_users);
            assert!(sent.is_ok(), "a client has gone");
// ==== end: send-active-users ====
