//! Sends a question mark for every byte that is no ASCII.
// ==== fill in here: send ====
    let ascii: Vec<u8> =
        sentence.iter().map(|byte| if byte.is_ascii() { *byte } else { b'?' }).collect();
    client_socket.write_all(&ascii)?;
// ==== end: send ====
