//! Ends the program after the first answer.
//! looks like: receive, the loop may end anywhere behind the first answer
// ==== fill in here: reply ====
    server_socket.send_to(&modified_message, client_address)?;
    std::process::exit(0);
// ==== end: reply ====
