//! Shows a local time without saying where that is.
// ==== fill in here: readable ====
    let text = time.format("%Y-%m-%d %H:%M:%S%.6f").to_string();
// ==== end: readable ====
