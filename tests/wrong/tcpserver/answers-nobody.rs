//! Sends a sentence of its own to a client that sent none.
//! looks like: receive, that is where a client that sent nothing is noticed
// ==== fill in here: reply ====
    let capitalized_sentence = sentence.to_ascii_uppercase();
    connection_socket.write_all(&capitalized_sentence)?;
    if sentence.is_empty() {
        connection_socket.write_all(b"YOU SAID NOTHING")?;
    }
// ==== end: reply ====
