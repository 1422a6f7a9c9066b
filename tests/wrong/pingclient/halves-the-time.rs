//! Takes half the time, for one way.
// ==== fill in here: rtt ====
        let rtt = start.elapsed() / 2;
// ==== end: rtt ====
