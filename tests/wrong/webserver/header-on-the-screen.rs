//! Prints the header on the server's own screen.
// ==== fill in here: header ====
            print!("HTTP/1.1 200 OK\r\n\r\n");
// ==== end: header ====
