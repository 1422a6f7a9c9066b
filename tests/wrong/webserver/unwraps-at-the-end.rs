//! Ends the server when a client is no longer there.
// ==== fill in here: header ====
            connection_socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            connection_socket.write_all(&outputdata).unwrap();
            outputdata.clear();
// ==== end: header ====
