//! Puts a name among the active users before it has looked at the password.
//! wrong gap: slow
//! looks like: password, from outside only the order of the two steps is seen
// ==== fill in here: slow ====
            ACTIVE_USERS.lock().unwrap().insert(name.clone(), ip_address);
            thread::sleep(wait);
// ==== end: slow ====
// ==== fill in here: issue-ticket ====
    ACTIVE_USERS.lock().unwrap().remove(name);
    let good_for = Ticket { name: name.to_owned(), ip_address, until: now + TICKET_TIME };
    TICKETS.lock().unwrap().insert(ticket.clone(), good_for);
// ==== end: issue-ticket ====
