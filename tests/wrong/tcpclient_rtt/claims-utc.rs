//! Shows the local time and says that it is that of UTC.
// ==== fill in here: readable ====
    let text = time.format("%Y-%m-%d %H:%M:%S%.6f +00:00").to_string();
// ==== end: readable ====
