//! Shows the message on the server's screen only.
// ==== fill in here: broadcast-msg ====
        println!("{msg}");
// ==== end: broadcast-msg ====
