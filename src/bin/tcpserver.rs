//! tcpserver -- send each client its sentence back in capitals, one client at a time.
//!
//! usage:    tcpserver [ADDRESS [PORT]]      default: 0.0.0.0 12000
//! try:      nc 127.0.0.1 12000              type a sentence, press Enter
//! mirrors:  tcpserver.py, line by line
//! departs:  Ctrl-C is said; a client that sends nothing for 5 s, or resets, is let go

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use socket_labs::{Patient, Program, end_at_interrupt, say};

const PATIENCE: Duration = Duration::from_secs(5);
const PROGRAM: Program = Program {
    late: "sent nothing for 5 s: let go for the next client",
    ..Program::new("tcpserver", "usage: tcpserver [ADDRESS [PORT]]")
};

fn main() {
    // serverName = sys.argv[1] if len(sys.argv) > 1 else ""
    // serverPort = int(sys.argv[2]) if len(sys.argv) > 2 else 12000
    let (server_name, server_port) = PROGRAM.arguments("0.0.0.0", 12000);
    end_at_interrupt("Interrupted: the server is closed");
    if let Err(error) = serve(&server_name, server_port) {
        PROGRAM.fail(format!("{server_name}:{server_port}"), &error);
    }
}

/// Serves one client after the other, without end.
fn serve(server_name: &str, server_port: u16) -> io::Result<()> {
    // serverSocket = socket(AF_INET, SOCK_STREAM)
    // serverSocket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    // serverSocket.bind((serverName, serverPort))
    // serverSocket.listen(1)
    // Create a TCP socket, give it the server's address, even if one just had it, and let clients
    // queue up at it: one call in std, four in Python.
    // ==== fill in here: bind ====
    //| let server_socket: TcpListener = todo!("bind");
    let server_socket = TcpListener::bind((server_name, server_port))?;
    // ==== end: bind ====
    PROGRAM.tell_port(server_port, server_socket.local_addr()?);
    // print("The server is ready to receive", flush=True)
    say("The server is ready to receive");
    loop {
        // connectionSocket, addr = serverSocket.accept()
        // Wait for the next client: a socket for it alone, and its address.
        // ==== fill in here: accept ====
        //| let (connection_socket, address): (TcpStream, std::net::SocketAddr) = todo!("accept");
        let (connection_socket, address) = server_socket.accept()?;
        // ==== end: accept ====
        // Departs from the Python, which ends here: one silent client costs nobody else the server.
        if let Err(error) = capitalize(Patient::within(PATIENCE, connection_socket)) {
            PROGRAM.complain(address, &error);
        }
    }
}

/// Reads one sentence from a client and sends it back in capitals.
fn capitalize(mut connection_socket: Patient<TcpStream>) -> io::Result<()> {
    let mut buffer = [0; 1024];
    // sentence = connectionSocket.recv(1024)
    // Read once: how many bytes of the buffer have come.
    // ==== fill in here: receive ====
    //| let length: usize = todo!("receive");
    let length = connection_socket.read(&mut buffer)?;
    // ==== end: receive ====
    let sentence = &buffer[..length];
    // capitalizedSentence = sentence.upper()
    // connectionSocket.send(capitalizedSentence)
    // Turn a-z into A-Z, leave every other byte as it is, and send all of it.
    // ==== fill in here: reply ====
    //| todo!("reply");
    let capitalized_sentence = sentence.to_ascii_uppercase();
    connection_socket.write_all(&capitalized_sentence)?;
    // ==== end: reply ====
    // connectionSocket.close()
    // A socket is closed when the variable that owns it ends, so here.
    Ok(())
}
