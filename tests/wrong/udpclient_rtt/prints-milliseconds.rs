//! Gives the number of milliseconds where seconds are printed.
// ==== fill in here: received ====
    let (rtt, reply_received) = (time1.elapsed() * 1000, Local::now());
// ==== end: received ====
