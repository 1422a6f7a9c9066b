//! Starts a thread for the login, and waits for its end.
// ==== fill in here: login-thread ====
        let _ = thread.spawn(login)?.join();
// ==== end: login-thread ====
