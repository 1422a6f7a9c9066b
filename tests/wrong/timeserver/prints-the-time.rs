//! Prints the time on its own screen.
// ==== fill in here: time ====
                println!("{}", Local::now().format("%a %b %e %H:%M:%S %Y"));
// ==== end: time ====
