//! Ends the server when a file is missing.
// ==== fill in here: not-found ====
            std::process::exit(1);
// ==== end: not-found ====
