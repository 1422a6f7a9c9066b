//! Holds the map while the message goes out, which needs it.
//! looks like: send-msg, the message is lost between reading and sending
// ==== fill in here: broadcast-msg ====
        let _sockets = SOCKETS.lock().unwrap();
        broadcast_msg(client, &msg);
// ==== end: broadcast-msg ====
