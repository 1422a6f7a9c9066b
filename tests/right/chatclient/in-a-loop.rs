//! Writes until all is written, by hand; flushes what needs no flushing.
// ==== fill in here: send-name ====
    let mut rest = name.as_bytes();
    while !rest.is_empty() {
        let length = tcp_socket.write(rest)?;
        rest = &rest[length..];
    }
    tcp_socket.flush()?;
// ==== end: send-name ====
// ==== fill in here: send-tcp ====
            let mut rest = usr_input.as_bytes();
            while let Ok(length @ 1..) = tcp_socket.write(rest) {
                rest = &rest[length..];
            }
// ==== end: send-tcp ====
