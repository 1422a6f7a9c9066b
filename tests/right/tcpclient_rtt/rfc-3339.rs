//! Writes the time as RFC 3339 has it, with a T.
// ==== fill in here: readable ====
    use chrono::SecondsFormat;
    let text = time.to_rfc3339_opts(SecondsFormat::Micros, false);
// ==== end: readable ====
