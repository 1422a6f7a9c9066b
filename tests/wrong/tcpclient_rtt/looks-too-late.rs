//! Takes the time of the request when the reply is there already.
// ==== fill in here: received ====
    let request_sent = Local::now();
    let (rtt, reply_received) = (time1.elapsed(), Local::now());
// ==== end: received ====
