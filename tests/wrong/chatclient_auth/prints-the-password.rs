//! Shows what it sends.
// ==== fill in here: password ====
    println!("sending {name} {password}");
    wrap_socket.write_all(format!("{name}\n{password}\n").as_bytes())?;
// ==== end: password ====
