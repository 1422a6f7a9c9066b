//! As the Python has it: no header lines, and the socket closed by its variable.
// ==== fill in here: message ====
        let length = match connection_socket.read(&mut buffer) {
            Ok(length) => length,
            Err(error) => return Err(error),
        };
// ==== end: message ====
// ==== fill in here: outputdata ====
            io::copy(&mut f, &mut outputdata)?;
// ==== end: outputdata ====
// ==== fill in here: header ====
            connection_socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
// ==== end: header ====
// ==== fill in here: not-found ====
            connection_socket.write_all(b"HTTP/1.1 404 Not Found\r\n\r\n")?;
            send_content(&mut connection_socket, method, NOT_FOUND)?;
// ==== end: not-found ====
// ==== fill in here: close ====
    drop(connection_socket);
// ==== end: close ====
