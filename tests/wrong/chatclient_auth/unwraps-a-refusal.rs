//! Panics where there is no ticket.
// ==== fill in here: ticket ====
    let ticket = answer.strip_prefix("TICKET ").unwrap();
// ==== end: ticket ====
