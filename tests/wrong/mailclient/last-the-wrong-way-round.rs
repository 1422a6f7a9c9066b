//! Takes a line that is followed by another for the last.
// ==== fill in here: last ====
        let last = line.as_bytes().get(3) == Some(&b'-');
// ==== end: last ====
