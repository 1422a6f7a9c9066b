//! Looks at the name and leaves it to be read as a message.
//! looks like: send-active-users, the name that is read once more comes between the rosters
// ==== fill in here: name ====
    let length = client_socket.peek(&mut buffer)?;
// ==== end: name ====
