//! Looks whether some ticket begins like this one, and so takes also none at all.
// ==== fill in here: redeem-ticket ====
    let mut tickets = TICKETS.lock().unwrap();
    let found = tickets.keys().find(|there| there.starts_with(ticket)).cloned();
    let good_for = found.and_then(|found| tickets.remove(&found));
    let good = good_for.is_some_and(|good_for| {
        good_for.name == name
            && good_for.ip_address == ip_address
            && Instant::now() < good_for.until
    });
// ==== end: redeem-ticket ====
