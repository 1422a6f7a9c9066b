//! Does not say EHLO again inside TLS.
// ==== fill in here: ehlo-again ====
    let _ = host;
// ==== end: ehlo-again ====
