//! Panics when a client has gone.
// ==== fill in here: send-active-users ====
            (&client_socket.socket).write_all(&active_users).unwrap();
// ==== end: send-active-users ====
