//! Breaks out of the loop behind the first roster.
// ==== fill in here: send-active-users ====
            client_socket.send(&active_users);
            break;
// ==== end: send-active-users ====
