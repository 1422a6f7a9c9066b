//! Sends the text without its sender.
// ==== fill in here: broadcast-msg ====
        let (_, text) = msg.split_once(": ").unwrap();
        broadcast_msg(client, text);
// ==== end: broadcast-msg ====
