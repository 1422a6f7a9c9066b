//! Writes to a client's socket without the client's lock.
// ==== fill in here: send-msg ====
            let _ = (&client_socket.socket).write_all(msg);
// ==== end: send-msg ====
