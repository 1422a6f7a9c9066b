//! Prints the greeting on the server's own screen.
// ==== fill in here: greet ====
    println!("You are connected from {client_address}");
// ==== end: greet ====
