//! Takes the address of the server for its own.
// ==== fill in here: client-ip ====
    let client_ip = gethostbyname("127.0.0.1")?; // where the server is
// ==== end: client-ip ====
