//! Numbers the tickets.
//! looks like: redeem-ticket, from outside it is only seen which ticket is taken
// ==== fill in here: issue-ticket ====
    let ticket = format!("{:0>32}", TICKETS.lock().unwrap().len());
    let good_for = Ticket { name: name.to_owned(), ip_address, until: now + TICKET_TIME };
    TICKETS.lock().unwrap().insert(ticket.clone(), good_for);
// ==== end: issue-ticket ====
