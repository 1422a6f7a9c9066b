//! tcpclient -- send one sentence to the TCP server and print what comes back.
//!
//! usage:    tcpclient [ADDRESS [PORT]]      default: 127.0.0.1 12000
//! try:      tcpserver, in another terminal; then tcpclient
//! mirrors:  tcpclient.py, line by line
//! departs:  waits 5 s at most for the reply; an answer of no bytes is reported as an error

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use socket_labs::{Patient, Program, input, say};

const PATIENCE: Duration = Duration::from_secs(5);
const PROGRAM: Program = Program {
    late: "connected, but no reply within 5 s",
    ..Program::new("tcpclient", "usage: tcpclient [ADDRESS [PORT]]")
};

fn main() {
    // serverName = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
    // serverPort = int(sys.argv[2]) if len(sys.argv) > 2 else 12000
    let (server_name, server_port) = PROGRAM.arguments("127.0.0.1", 12000);
    if let Err(error) = ask(&server_name, server_port) {
        PROGRAM.fail(format!("{server_name}:{server_port}"), &error);
    }
}

/// Reads a sentence, sends it to the server and prints the reply.
fn ask(server_name: &str, server_port: u16) -> io::Result<()> {
    // clientSocket = socket(AF_INET, SOCK_STREAM)
    // sentence = input("Input lowercase sentence:")
    // Ask first, connect then: a server with time for one client only would wait for the typist.
    let Some(sentence) = input("Input lowercase sentence:")? else { return Ok(()) };
    // clientSocket.connect((serverName, serverPort))
    // Create a TCP socket and connect it to the server: one call in std, two in Python.
    // ==== fill in here: connect ====
    //| let client_socket: TcpStream = todo!("connect");
    let client_socket = TcpStream::connect((server_name, server_port))?;
    // ==== end: connect ====
    // Departs from the Python, which waits for ever.
    let mut client_socket = Patient::within(PATIENCE, client_socket);
    // clientSocket.send(sentence.encode())
    // ==== fill in here: send ====
    //| todo!("send");
    client_socket.write_all(&sentence)?;
    // ==== end: send ====
    let mut buffer = [0; 1024];
    // modifiedSentence = clientSocket.recv(1024)
    // Read once: how many bytes of the buffer have come.
    // ==== fill in here: receive ====
    //| let length: usize = todo!("receive");
    let length = client_socket.read(&mut buffer)?;
    // ==== end: receive ====
    if length == 0 {
        // Departs from the Python, which prints an empty reply: nothing is not an answer.
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    // print("From Server:", modifiedSentence.decode())
    say(format!("From Server: {}", String::from_utf8_lossy(&buffer[..length])));
    // clientSocket.close()
    // A socket is closed when the variable that owns it ends, so here.
    Ok(())
}
