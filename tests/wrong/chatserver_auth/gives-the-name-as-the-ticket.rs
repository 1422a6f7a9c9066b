//! Takes the name for the ticket.
// ==== fill in here: issue-ticket ====
    let _ = ticket;
    let ticket = name.to_owned();
    let good_for = Ticket { name: name.to_owned(), ip_address, until: now + TICKET_TIME };
    TICKETS.lock().unwrap().insert(ticket.clone(), good_for);
// ==== end: issue-ticket ====
