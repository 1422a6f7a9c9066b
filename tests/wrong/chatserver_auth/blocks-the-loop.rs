//! Lets the loop that accepts do the login itself.
// ==== fill in here: login-thread ====
        drop(thread);
        login();
// ==== end: login-thread ====
