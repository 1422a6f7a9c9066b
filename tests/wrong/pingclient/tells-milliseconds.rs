//! Gives the RTT in milliseconds where seconds are asked for.
// ==== fill in here: rtt ====
        let rtt = start.elapsed() * 1000;
// ==== end: rtt ====
