//! Closes only the client's socket at EXIT, as the solution that goes around does.
// ==== fill in here: exit ====
                return Ok(false);
// ==== end: exit ====
