//! Sends the message to all others, and also back to its sender.
// ==== fill in here: broadcast-msg ====
        broadcast_msg(client, &msg);
        client.send(msg.as_bytes());
// ==== end: broadcast-msg ====
