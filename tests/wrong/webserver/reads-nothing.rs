//! Leaves outputdata empty.
// ==== fill in here: outputdata ====
            let _ = &mut f;
            outputdata.clear();
// ==== end: outputdata ====
