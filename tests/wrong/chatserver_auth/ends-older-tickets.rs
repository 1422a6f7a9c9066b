//! Each login ends the tickets that this user has already.
// ==== fill in here: issue-ticket ====
    let good_for = Ticket { name: name.to_owned(), ip_address, until: now + TICKET_TIME };
    let mut tickets = TICKETS.lock().unwrap();
    tickets.retain(|_, older| older.name != name);
    tickets.insert(ticket.clone(), good_for);
// ==== end: issue-ticket ====
