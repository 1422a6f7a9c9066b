//! Stops after the first client that it has sent to.
// ==== fill in here: send-msg ====
            client_socket.send(msg);
            break;
// ==== end: send-msg ====
