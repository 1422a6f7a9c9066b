//! Prints the sentence where it should send it, and waits for the reply.
// ==== fill in here: send ====
    println!("sending {}", String::from_utf8_lossy(&message));
// ==== end: send ====
