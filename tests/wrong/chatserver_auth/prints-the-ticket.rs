//! Prints what should be a secret.
// ==== fill in here: issue-ticket ====
    println!("{name} has got {ticket}");
    let good_for = Ticket { name: name.to_owned(), ip_address, until: now + TICKET_TIME };
    TICKETS.lock().unwrap().insert(ticket.clone(), good_for);
// ==== end: issue-ticket ====
