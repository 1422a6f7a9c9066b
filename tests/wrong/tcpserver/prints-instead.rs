//! Prints the answer where it should send it.
// ==== fill in here: reply ====
    let capitalized_sentence = sentence.to_ascii_uppercase();
    println!("{}", String::from_utf8_lossy(&capitalized_sentence));
// ==== end: reply ====
