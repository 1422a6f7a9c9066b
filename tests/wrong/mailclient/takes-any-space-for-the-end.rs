//! Takes a line with a space in it for the last one.
// ==== fill in here: last ====
        let last = line.contains(' ');
// ==== end: last ====
