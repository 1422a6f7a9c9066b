//! Looks at the ticket and leaves it where it is.
// ==== fill in here: redeem-ticket ====
    let good = TICKETS.lock().unwrap().get(ticket).is_some_and(|good_for| {
        good_for.name == name
            && good_for.ip_address == ip_address
            && Instant::now() < good_for.until
    });
// ==== end: redeem-ticket ====
