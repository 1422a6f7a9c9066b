//! Shows the time of UTC, not that of the place.
// ==== fill in here: readable ====
    let text = time.to_utc().format("%Y-%m-%d %H:%M:%S%.6f %:z").to_string();
// ==== end: readable ====
