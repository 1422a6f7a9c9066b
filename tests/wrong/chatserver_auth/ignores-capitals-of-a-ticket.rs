//! Takes small letters of a ticket for capitals.
// ==== fill in here: redeem-ticket ====
    let known = TICKETS.lock().unwrap().keys().find(|known| known.eq_ignore_ascii_case(ticket)).cloned();
    let good_for = TICKETS.lock().unwrap().remove(&known.unwrap_or_default());
    let good = good_for.is_some_and(|good_for| {
        good_for.name == name
            && good_for.ip_address == ip_address
            && Instant::now() < good_for.until
    });
// ==== end: redeem-ticket ====
