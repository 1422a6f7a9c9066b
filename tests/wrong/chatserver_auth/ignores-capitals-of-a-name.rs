//! A ticket is good for the name in capitals.
// ==== fill in here: redeem-ticket ====
    let good_for = TICKETS.lock().unwrap().remove(ticket);
    let good = good_for.is_some_and(|good_for| {
        good_for.name.eq_ignore_ascii_case(name)
            && good_for.ip_address == ip_address
            && Instant::now() < good_for.until
    });
// ==== end: redeem-ticket ====
