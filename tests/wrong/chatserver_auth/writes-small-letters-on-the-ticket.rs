//! Notes the name in small letters: who has a capital in it never gets in.
// ==== fill in here: issue-ticket ====
    let good_for =
        Ticket { name: name.to_lowercase(), ip_address, until: now + TICKET_TIME };
    TICKETS.lock().unwrap().insert(ticket.clone(), good_for);
// ==== end: issue-ticket ====
