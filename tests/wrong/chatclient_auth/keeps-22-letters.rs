//! Keeps 22 letters of the ticket.
//! looks like: send-ticket, from outside it is only seen what is sent
// ==== fill in here: ticket ====
    let ticket = answer.strip_prefix("TICKET ").ok_or_else(|| refused(&answer, password))?;
    let ticket = &ticket[..ticket.len().min(22)];
// ==== end: ticket ====
