//! Prints the ping and waits for its answer, but sends nothing.
// ==== fill in here: send ====
    let message = format!("Ping {sequence} {}", Local::now().format("%F %T%.6f"));
    println!("Sending Ping Message: {message}");
    let start = Instant::now();
// ==== end: send ====
