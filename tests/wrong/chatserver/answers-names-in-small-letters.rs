//! Makes small letters of a name.
//! looks like: send-active-users, what is wrong is seen in the roster
// ==== fill in here: name ====
    let length = client_socket.read(&mut buffer)?;
    buffer.make_ascii_lowercase();
// ==== end: name ====
