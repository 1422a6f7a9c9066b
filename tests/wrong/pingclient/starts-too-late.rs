//! Starts the stopwatch when the answer is there.
// ==== fill in here: rtt ====
        let start = Instant::now();
        let rtt = start.elapsed();
// ==== end: rtt ====
