//! Takes a dash anywhere in a line for the sign that more lines follow.
// ==== fill in here: last ====
        let last = !line.contains('-');
// ==== end: last ====
