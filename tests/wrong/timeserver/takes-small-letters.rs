//! Takes small letters for capitals.
// ==== fill in here: receive ====
        let length = client_socket.read(&mut buffer)?;
        buffer.make_ascii_uppercase();
// ==== end: receive ====
