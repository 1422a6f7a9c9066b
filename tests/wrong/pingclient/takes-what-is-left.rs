//! Takes the time that was left for the time that it took.
// ==== fill in here: rtt ====
        let rtt = time_left;
// ==== end: rtt ====
