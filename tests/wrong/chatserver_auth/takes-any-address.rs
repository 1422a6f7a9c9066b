//! Does not look where a ticket comes from.
// ==== fill in here: redeem-ticket ====
    let good_for = TICKETS.lock().unwrap().remove(ticket);
    let good =
        good_for.is_some_and(|good_for| good_for.name == name && Instant::now() < good_for.until);
// ==== end: redeem-ticket ====
