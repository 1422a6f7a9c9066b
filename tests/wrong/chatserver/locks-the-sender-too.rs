//! Holds a client's own lock while it sends to it, which takes that lock.
// ==== fill in here: send-msg ====
            let _alone = client_socket.sending.lock().unwrap();
            client_socket.send(msg);
// ==== end: send-msg ====
