//! Takes the first line of a reply for all of it.
// ==== fill in here: last ====
        let last = true;
// ==== end: last ====
