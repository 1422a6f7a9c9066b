//! Makes the roster's text anew for each client, as Python writes it.
// ==== fill in here: send-active-users ====
        let text = String::from_utf8_lossy(&active_users).replace(':', ": ").replace(',', ", ");
        client_socket.send(text.as_bytes());
// ==== end: send-active-users ====
