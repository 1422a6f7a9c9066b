//! Writes an hour below ten with a space in front.
// ==== fill in here: readable ====
    let text = time.format("%Y-%m-%d %k:%M:%S%.6f %:z").to_string();
// ==== end: readable ====
