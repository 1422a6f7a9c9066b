//! Looks whether there is a ticket, and not which.
// ==== fill in here: redeem-ticket ====
    TICKETS.lock().unwrap().remove(ticket);
    let good = !ticket.is_empty();
// ==== end: redeem-ticket ====
