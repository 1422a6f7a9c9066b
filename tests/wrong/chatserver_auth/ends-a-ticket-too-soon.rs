//! A ticket ends after half of its time.
//! looks like: redeem-ticket, from outside it is only seen which ticket is taken
// ==== fill in here: issue-ticket ====
    let good_for = Ticket { name: name.to_owned(), ip_address, until: now + TICKET_TIME / 2 };
    TICKETS.lock().unwrap().insert(ticket.clone(), good_for);
// ==== end: issue-ticket ====
