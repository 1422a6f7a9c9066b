//! Notes down 127.0.0.1 for every ticket.
//! looks like: redeem-ticket, from outside it is only seen which ticket is taken
// ==== fill in here: issue-ticket ====
    let _ = ip_address;
    let ip_address = IpAddr::from([127, 0, 0, 1]);
    let good_for = Ticket { name: name.to_owned(), ip_address, until: now + TICKET_TIME };
    TICKETS.lock().unwrap().insert(ticket.clone(), good_for);
// ==== end: issue-ticket ====
