//! Takes the last word of any answer for a ticket.
// ==== fill in here: ticket ====
    let ticket = answer.split(' ').next_back().unwrap_or_default();
// ==== end: ticket ====
