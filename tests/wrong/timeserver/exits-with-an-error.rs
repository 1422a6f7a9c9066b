//! Ends the whole process at EXIT, as if something had gone wrong.
// ==== fill in here: exit ====
                std::process::exit(1);
// ==== end: exit ====
