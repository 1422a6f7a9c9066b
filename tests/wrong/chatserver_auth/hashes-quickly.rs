//! Takes the hash of a hash map, which is quick and has no salt.
//! wrong gap: hash
// ==== fill in here: hash ====
    let mut hasher = std::hash::DefaultHasher::new();
    std::hash::Hash::hash(password, &mut hasher);
    let hash = format!("{:x}", std::hash::Hasher::finish(&hasher));
// ==== end: hash ====
// ==== fill in here: password ====
    let stored = users.get(name).unwrap_or(nobody);
    let mut hasher = std::hash::DefaultHasher::new();
    std::hash::Hash::hash(password, &mut hasher);
    let right = *stored == format!("{:x}", std::hash::Hasher::finish(&hasher));
// ==== end: password ====
