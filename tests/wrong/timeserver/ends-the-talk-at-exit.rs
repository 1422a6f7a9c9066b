//! Shuts down the client's connection at EXIT, and says that there was none.
// ==== fill in here: exit ====
                client_socket.shutdown(std::net::Shutdown::Both)?;
                return Ok(false);
// ==== end: exit ====
