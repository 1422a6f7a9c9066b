// Generated from src/bin/udpclient.rs by `make gen`.
//! udpclient -- send one sentence to the UDP server and print what comes back.
//!
//! usage:    udpclient [ADDRESS [PORT]]      default: 127.0.0.1 12000
//! try:      udpserver, in another terminal; then udpclient
//! mirrors:  udpclient.py, line by line
//! departs:  waits 5 s at most for the reply; a reply from anybody but the server is ignored

use std::io;
use std::net::UdpSocket;
use std::time::Duration;

use socket_labs::{Patient, Program, input, resolve, say};

const PATIENCE: Duration = Duration::from_secs(5);
const PROGRAM: Program = Program {
    late: "no reply within 5 s, and UDP gives no sign of whether the datagram arrived: is the \
           server running, and at this ADDRESS and PORT?",
    ..Program::new("udpclient", "usage: udpclient [ADDRESS [PORT]]")
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
    let server_address = resolve(server_name, server_port)?;
    // clientSocket = socket(AF_INET, SOCK_DGRAM)
    // Create a UDP socket at any address of this host and a port of the kernel's choice.
    // ==== fill in here: socket ====
    let client_socket = UdpSocket::bind("0.0.0.0:0")?;
    // ==== end: socket ====
    // message = input("Input lowercase sentence:")
    let Some(message) = input("Input lowercase sentence:")? else { return Ok(()) };
    // clientSocket.sendto(message.encode(), (serverName, serverPort))
    // ==== fill in here: send ====
    client_socket.send_to(&message, server_address)?;
    // ==== end: send ====
    let mut buffer = [0; 2048];
    // Departs from the Python, which waits for ever, and believes anybody who sends to our port.
    let client_socket = Patient::within(PATIENCE, client_socket);
    let modified_message = loop {
        // modifiedMessage, serverAddress = clientSocket.recvfrom(2048)
        // Wait for a datagram: how many bytes of the buffer it fills, and who sent it.
        // ==== fill in here: receive ====
        let (length, address) = client_socket.recv_from(&mut buffer)?;
        // ==== end: receive ====
        if address == server_address {
            break &buffer[..length];
        }
        PROGRAM.warn(format!("{address}: not the server you asked, {length} bytes ignored"));
    };
    // print(modifiedMessage.decode())
    say(String::from_utf8_lossy(modified_message));
    // clientSocket.close()
    // A socket is closed when the variable that owns it ends, so here.
    Ok(())
}
