//! Sends a message to its sender only.
//! looks like: broadcast-msg, from outside it is only seen who gets the message
// ==== fill in here: send-msg ====
            sending_client.send(msg);
// ==== end: send-msg ====
