//! Serves each client in the loop that accepts.
//! looks like: send-active-users, who is not accepted is seen to be missing in the roster
// ==== fill in here: accept ====
        let (client_socket, client_address) = server_socket.accept()?;
        let handle = thread::spawn(move || serve(client_socket, client_address));
        let _ = handle.join();
        continue;
        #[allow(unreachable_code)]
        let (client_socket, client_address): (TcpStream, SocketAddr) = unreachable!();
// ==== end: accept ====
