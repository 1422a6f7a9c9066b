//! Looks for the name only.
// ==== fill in here: password ====
    let right = users.get(name).is_some_and(|stored| stored != nobody);
// ==== end: password ====
