//! Sends the message back to its sender, and to nobody else.
// ==== fill in here: broadcast-msg ====
        client.send(msg.as_bytes());
// ==== end: broadcast-msg ====
