//! Sends what was said, but not who said it.
// ==== fill in here: broadcast-msg ====
        let (_, msg) = msg.split_once(": ").unwrap();
        broadcast_msg(client, msg);
// ==== end: broadcast-msg ====
