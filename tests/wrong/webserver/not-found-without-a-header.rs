//! Sends the page of the 404 without a header.
// ==== fill in here: not-found ====
            connection_socket.write_all(NOT_FOUND)?;
// ==== end: not-found ====
