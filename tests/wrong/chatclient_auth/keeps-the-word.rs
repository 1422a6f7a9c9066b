//! Takes the whole answer for the ticket.
// ==== fill in here: ticket ====
    let ticket = answer.as_str();
    if !ticket.starts_with("TICKET ") {
        return Err(refused(ticket, password));
    }
// ==== end: ticket ====
