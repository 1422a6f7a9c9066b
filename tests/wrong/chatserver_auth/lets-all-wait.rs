//! Lets everybody wait in one line, with a lock that is held meanwhile.
// ==== fill in here: slow ====
            static LINE: Mutex<()> = Mutex::new(());
            let _turn = LINE.lock().unwrap();
            thread::sleep(wait.max(PAUSE));
// ==== end: slow ====
