//! Ends when a client has gone before it is told that its command is none.
// ==== fill in here: invalid ====
                client_socket.write_all(b"Invalid command!\n").unwrap();
// ==== end: invalid ====
