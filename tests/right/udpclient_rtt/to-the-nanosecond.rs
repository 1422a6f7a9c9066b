//! Prints times as chrono does by itself, to the nanosecond, and subtracts two instants.
// ==== fill in here: received ====
    let time2 = Instant::now();
    let reply_received = Local::now();
    let rtt = time2 - time1;
// ==== end: received ====
// ==== fill in here: readable ====
    let text = time.format("%F %T%.9f %:z").to_string();
// ==== end: readable ====
