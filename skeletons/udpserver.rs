// Generated from src/bin/udpserver.rs by `make gen`.
//! udpserver -- send every datagram back to where it came from, in capitals.
//!
//! usage:    udpserver [ADDRESS [PORT]]      default: 0.0.0.0 12000
//! try:      nc -u 127.0.0.1 12000           type a sentence, press Enter
//! mirrors:  udpserver.py, line by line
//! departs:  Ctrl-C is said; a client that cannot be answered does not end the server

use std::io;
use std::net::{SocketAddr, UdpSocket};

use socket_labs::{Program, end_at_interrupt, say};

const PROGRAM: Program = Program::new("udpserver", "usage: udpserver [ADDRESS [PORT]]");

fn main() {
    // serverName = sys.argv[1] if len(sys.argv) > 1 else ""
    // serverPort = int(sys.argv[2]) if len(sys.argv) > 2 else 12000
    let (server_name, server_port) = PROGRAM.arguments("0.0.0.0", 12000);
    end_at_interrupt("Interrupted: the server is closed");
    if let Err(error) = serve(&server_name, server_port) {
        PROGRAM.fail(format!("{server_name}:{server_port}"), &error);
    }
}

/// Answers every datagram in turn, without end.
fn serve(server_name: &str, server_port: u16) -> io::Result<()> {
    // serverSocket = socket(AF_INET, SOCK_DGRAM)
    // serverSocket.bind((serverName, serverPort))
    // Create a UDP socket and give it the server's address: one call in std, two in Python.
    // ==== fill in here: bind ====
    let server_socket: UdpSocket = todo!("bind");
    // ==== end: bind ====
    PROGRAM.tell_port(server_port, server_socket.local_addr()?);
    // print("The server is ready to receive", flush=True)
    say("The server is ready to receive");
    let mut buffer = [0; 2048];
    loop {
        // message, clientAddress = serverSocket.recvfrom(2048)
        // Wait for a datagram: how many bytes of the buffer it fills, and who sent it.
        // ==== fill in here: receive ====
        let (length, client_address): (usize, SocketAddr) = todo!("receive");
        // ==== end: receive ====
        let message = &buffer[..length];
        // Departs from the Python, which ends here: one reply that cannot be sent (to a forged
        // port 0, say) is no reason to leave everybody else without a server.
        if let Err(error) = reply(&server_socket, message, client_address) {
            PROGRAM.complain(client_address, &error);
        }
    }
}

/// Sends the message back to its sender in capitals.
fn reply(server_socket: &UdpSocket, message: &[u8], client_address: SocketAddr) -> io::Result<()> {
    // modifiedMessage = message.upper()
    // Turn a-z into A-Z and leave every other byte as it is.
    // ==== fill in here: uppercase ====
    let modified_message: Vec<u8> = todo!("uppercase");
    // ==== end: uppercase ====
    // serverSocket.sendto(modifiedMessage, clientAddress)
    // ==== fill in here: reply ====
    todo!("reply");
    // ==== end: reply ====
    Ok(())
}
