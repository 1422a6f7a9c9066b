//! Ends the answer in a newline that the question did not have.
//! looks like: uppercase, a byte may be added in either gap
// ==== fill in here: reply ====
    let line = [modified_message, b"\n".to_vec()].concat();
    server_socket.send_to(&line, client_address)?;
// ==== end: reply ====
