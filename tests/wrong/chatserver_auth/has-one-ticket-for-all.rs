//! Forgets all other tickets as it gives one.
//! looks like: redeem-ticket, from outside it is only seen which ticket is taken
// ==== fill in here: issue-ticket ====
    TICKETS.lock().unwrap().clear();
    let good_for = Ticket { name: name.to_owned(), ip_address, until: now + TICKET_TIME };
    TICKETS.lock().unwrap().insert(ticket.clone(), good_for);
// ==== end: issue-ticket ====
