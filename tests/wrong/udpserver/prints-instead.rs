//! Prints the answer where it should send it.
// ==== fill in here: reply ====
    println!("{}", String::from_utf8_lossy(&modified_message));
// ==== end: reply ====
