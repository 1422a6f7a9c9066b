//! Looks how much there is, and then takes as much.
// ==== fill in here: name ====
    let length = client_socket.peek(&mut buffer)?;
    client_socket.read_exact(&mut buffer[..length])?;
// ==== end: name ====
// ==== fill in here: msg ====
        let length = client_socket.peek(&mut buffer);
        if let Ok(length) = length {
            let _ = client_socket.read_exact(&mut buffer[..length]);
        }
// ==== end: msg ====
