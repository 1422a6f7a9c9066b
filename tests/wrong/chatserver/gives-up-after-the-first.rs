//! Sends to one client and leaves the loop.
// ==== fill in here: send-msg ====
            client_socket.send(msg);
            break;
// ==== end: send-msg ====
