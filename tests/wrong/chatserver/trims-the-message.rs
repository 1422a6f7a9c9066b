//! Leaves out the space at the end of a message.
// ==== fill in here: send-msg ====
            client_socket.send(msg.trim_ascii());
// ==== end: send-msg ====
