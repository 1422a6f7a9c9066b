//! Takes the end of a connection for a command.
// ==== fill in here: receive ====
        let length = client_socket.read(&mut buffer)?.max(1);
// ==== end: receive ====
