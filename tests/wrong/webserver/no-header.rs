//! Sends the content without a header.
// ==== fill in here: header ====
            // The browser will see what it is.
// ==== end: header ====
