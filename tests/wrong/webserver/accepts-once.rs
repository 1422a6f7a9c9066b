//! Accepts the first client, and then no more.
// ==== fill in here: accept ====
        use std::sync::atomic::{AtomicBool, Ordering};
        static SERVED: AtomicBool = AtomicBool::new(false);
        if SERVED.swap(true, Ordering::Relaxed) {
            loop {
                std::thread::park();
            }
        }
        let (connection_socket, address) = server_socket.accept()?;
// ==== end: accept ====
