//! Takes the alphabet of base64 for addresses of the web.
// ==== fill in here: password ====
    send(wrap_socket, &format!("{}\r\n", base64::prelude::BASE64_URL_SAFE.encode(&mail.password)))?;
    receive(wrap_socket, &["235"])?;
// ==== end: password ====
