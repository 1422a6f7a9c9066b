//! Prints what it sends, to see that it works.
// ==== fill in here: password ====
    let line = BASE64_STANDARD.encode(&mail.password);
    println!("sending {line}");
    send(wrap_socket, &format!("{line}\r\n"))?;
    receive(wrap_socket, &["235"])?;
// ==== end: password ====
