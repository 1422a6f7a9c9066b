//! A ticket that is shown by somebody else stays good for its owner.
// ==== fill in here: redeem-ticket ====
    let mut tickets = TICKETS.lock().unwrap();
    let fits = tickets.get(ticket).is_some_and(|good_for| {
        (good_for.name.as_str(), good_for.ip_address) == (name, ip_address)
    });
    let good_for = if fits { tickets.remove(ticket) } else { None };
    drop(tickets);
    let good = good_for.is_some_and(|good_for| Instant::now() < good_for.until);
// ==== end: redeem-ticket ====
