//! Takes what stands behind any first word for a ticket.
// ==== fill in here: ticket ====
    let ticket = answer.split_once(' ').ok_or_else(|| refused(&answer, password))?.1;
// ==== end: ticket ====
