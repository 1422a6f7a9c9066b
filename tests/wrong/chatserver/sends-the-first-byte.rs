//! Sends the first byte alone.
// ==== fill in here: send-msg ====
            client_socket.send(&msg[..1]);
// ==== end: send-msg ====
