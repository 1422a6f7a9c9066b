//! Listens at the loopback, whatever its ADDRESS is.
// ==== fill in here: server-ip ====
    let server_ip: IpAddr = "127.0.0.1".parse().unwrap();
// ==== end: server-ip ====
