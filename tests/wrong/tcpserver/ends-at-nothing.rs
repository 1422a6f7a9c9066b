//! Takes a client that says nothing for a reason to end.
// ==== fill in here: receive ====
    let length = connection_socket.read(&mut buffer)?;
    assert!(length > 0, "the client has closed");
// ==== end: receive ====
