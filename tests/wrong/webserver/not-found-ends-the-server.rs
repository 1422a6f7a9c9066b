//! Ends the server when a file is missing.
// ==== fill in here: not-found ====
            process::exit(1);
// ==== end: not-found ====
