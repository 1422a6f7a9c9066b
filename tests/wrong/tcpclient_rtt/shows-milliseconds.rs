//! Shows three decimals of the second.
// ==== fill in here: readable ====
    let text = time.format("%Y-%m-%d %H:%M:%S%.3f %:z").to_string();
// ==== end: readable ====
