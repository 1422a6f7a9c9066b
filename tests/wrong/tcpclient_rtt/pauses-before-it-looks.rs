//! Pauses for 50 ms before it looks at the clock.
// ==== fill in here: received ====
    std::thread::sleep(Duration::from_millis(50));
    let (rtt, reply_received) = (time1.elapsed(), Local::now());
// ==== end: received ====
