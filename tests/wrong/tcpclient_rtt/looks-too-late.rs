//! Takes the time of the request when the reply is there already.
//! looks like: sent, the time that is wrong is the one that is taken there
// ==== fill in here: received ====
    let request_sent = Local::now();
    let (rtt, reply_received) = (time1.elapsed(), Local::now());
// ==== end: received ====
