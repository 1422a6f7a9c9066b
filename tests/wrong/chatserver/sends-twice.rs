//! Sends every message twice.
// ==== fill in here: send-msg ====
            client_socket.send(msg);
            client_socket.send(msg);
// ==== end: send-msg ====
