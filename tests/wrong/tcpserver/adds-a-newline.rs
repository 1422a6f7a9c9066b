//! Ends the answer in a newline that the sentence did not have.
// ==== fill in here: reply ====
    writeln!(connection_socket, "{}", String::from_utf8_lossy(&sentence.to_ascii_uppercase()))?;
// ==== end: reply ====
