//! Sends every message twice.
//! looks like: broadcast-msg, a message that comes again may be sent or handed on twice
// ==== fill in here: send-msg ====
            client_socket.send(msg);
            client_socket.send(msg);
// ==== end: send-msg ====
