//! Says the loss, but not in the words of the assignment.
// ==== fill in here: lost ====
                println!("Request timed out");
// ==== end: lost ====
