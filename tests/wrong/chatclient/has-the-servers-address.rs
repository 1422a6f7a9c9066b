//! Takes the address of the server for its own.
// ==== fill in here: client-ip ====
    let client_ip = gethostbyname(&server_name);
// ==== end: client-ip ====
