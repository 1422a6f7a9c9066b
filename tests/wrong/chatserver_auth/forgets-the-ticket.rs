//! Gives a ticket and does not note it down.
// ==== fill in here: issue-ticket ====
    let _ = (name, ip_address, now);
// ==== end: issue-ticket ====
