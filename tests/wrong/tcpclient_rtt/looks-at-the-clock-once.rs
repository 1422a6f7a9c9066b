//! Takes the time of the request for that of the reply.
// ==== fill in here: received ====
    let (rtt, reply_received) = (time1.elapsed(), request_sent);
// ==== end: received ====
