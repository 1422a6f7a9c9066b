//! Gives a ticket and does not note it down.
//! looks like: redeem-ticket, a ticket that is not noted down is refused as one that is not found
// ==== fill in here: issue-ticket ====
    let _ = (name, ip_address, now);
// ==== end: issue-ticket ====
