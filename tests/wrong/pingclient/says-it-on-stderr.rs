//! Says the loss where errors go.
// ==== fill in here: lost ====
                eprintln!("Request timed out for sequence number: {sequence}");
// ==== end: lost ====
