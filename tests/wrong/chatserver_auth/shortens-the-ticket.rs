//! Keeps eight letters of the ticket.
// ==== fill in here: issue-ticket ====
    let ticket = ticket[..8].to_owned();
    let good_for = Ticket { name: name.to_owned(), ip_address, until: now + TICKET_TIME };
    TICKETS.lock().unwrap().insert(ticket.clone(), good_for);
// ==== end: issue-ticket ====
