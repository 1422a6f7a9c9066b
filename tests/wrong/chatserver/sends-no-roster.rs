//! Prints the roster instead of sending it.
// ==== fill in here: send-active-users ====
        println!("{}: {}", client_socket.name, String::from_utf8_lossy(&active_users));
// ==== end: send-active-users ====
