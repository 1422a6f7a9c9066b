//! Sends the roster without the ! in front.
// ==== fill in here: send-active-users ====
        client_socket.send(&active_users[1..]);
// ==== end: send-active-users ====
