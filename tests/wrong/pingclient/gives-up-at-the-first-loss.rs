//! Ends the program when a ping is lost.
// ==== fill in here: lost ====
                println!("Request timed out for sequence number: {sequence}");
                std::process::exit(1);
// ==== end: lost ====
