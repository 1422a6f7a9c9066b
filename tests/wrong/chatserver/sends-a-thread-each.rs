//! Sends every message in a thread of its own, so that a later one may overtake it.
// ==== fill in here: broadcast-msg ====
        let client = Arc::clone(client);
        let slow = msg.as_bytes()[msg.len() - 4] % 2 == 0;
        thread::spawn(move || {
            if slow {
                thread::sleep(Duration::from_millis(20));
            }
            broadcast_msg(&client, &msg)
        });
// ==== end: broadcast-msg ====
