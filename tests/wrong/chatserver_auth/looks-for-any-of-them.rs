//! Asks for the right name or the right address.
// ==== fill in here: redeem-ticket ====
    let good_for = TICKETS.lock().unwrap().remove(ticket);
    let good = good_for.is_some_and(|good_for| {
        (good_for.name == name || good_for.ip_address == ip_address)
            && Instant::now() < good_for.until
    });
// ==== end: redeem-ticket ====
