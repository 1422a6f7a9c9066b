//! Keeps the first client's address and answers everybody there.
// ==== fill in here: reply ====
    static CLIENT: std::sync::OnceLock<SocketAddr> = std::sync::OnceLock::new();
    server_socket.send_to(&modified_message, CLIENT.get_or_init(|| client_address))?;
// ==== end: reply ====
