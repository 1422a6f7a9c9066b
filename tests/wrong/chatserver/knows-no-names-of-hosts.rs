//! Takes ADDRESS for digits.
// ==== fill in here: server-ip ====
    let server_ip: IpAddr = server_name.parse().map_err(io::Error::other)?;
// ==== end: server-ip ====
