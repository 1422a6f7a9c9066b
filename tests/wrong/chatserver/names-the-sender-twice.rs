//! Puts the name in front once more.
// ==== fill in here: broadcast-msg ====
        broadcast_msg(client, &format!("{}: {msg}", client.name));
// ==== end: broadcast-msg ====
