//! Prints the name where it should send it.
// ==== fill in here: send ====
    println!("sending {}", String::from_utf8_lossy(&message));
// ==== end: send ====
