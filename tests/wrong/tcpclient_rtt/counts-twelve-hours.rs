//! Writes the hour as clocks do that begin anew at noon.
// ==== fill in here: readable ====
    let text = time.format("%Y-%m-%d %I:%M:%S%.6f %:z").to_string();
// ==== end: readable ====
