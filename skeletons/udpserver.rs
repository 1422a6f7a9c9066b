// Generated from src/bin/udpserver.rs by `make gen`.
//! udpserver -- send every datagram back to where it came from, in capitals.
//!
//! usage:    udpserver [ADDRESS [PORT]]      default: 0.0.0.0 12000
//! try:      nc -u 127.0.0.1 12000           type a sentence, press Enter
//! mirrors:  udpserver.py, line by line
//! departs:  Ctrl-C is said; a client that cannot be answered does not end the server

use std::io::{self, Write};
use std::net::{SocketAddr, UdpSocket};
use std::{env, process};

const USAGE: &str = "usage: udpserver [ADDRESS [PORT]]";
const SERVER_PORT: u16 = 12000;

fn main() {
    let (server_name, server_port) = arguments("0.0.0.0", SERVER_PORT);
    ctrlc::set_handler(goodbye).expect("the first handler of this process is always accepted");
    if let Err(error) = serve(&server_name, server_port) {
        eprintln!("udpserver: {server_name}:{server_port}: {}", explain(&error));
        process::exit(1);
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
    if server_port == 0 {
        eprintln!("udpserver: the kernel chose port {}", server_socket.local_addr()?.port());
    }
    println!("The server is ready to receive");
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
            eprintln!("udpserver: {client_address}: {}", explain(&error));
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

// ---- What Python has built in ----

/// Reads `[ADDRESS [PORT]]` from the command line; says what is wrong with anything else.
fn arguments(default_address: &str, default_port: u16) -> (String, u16) {
    let words: Vec<String> =
        env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    if words.iter().any(|word| word == "-h" || word == "--help") {
        println!("{USAGE}\ndefault: {default_address} {default_port}");
        process::exit(0);
    }
    if let Some(option) = words.iter().find(|word| word.starts_with('-')) {
        refuse(format!("there is no option {option:?}"));
    }
    let (address, port) = match words.as_slice() {
        [] => (default_address, Ok(default_port)),
        [address] => (address.as_str(), Ok(default_port)),
        [address, port] => (address.as_str(), port.parse()),
        [_, _, surplus, ..] => {
            refuse(format!("only ADDRESS and PORT are expected, not {surplus:?}"))
        }
    };
    match port {
        Ok(port) => (address.to_owned(), port),
        Err(_) => {
            refuse(format!("{:?} is not a port: a number from 0 to 65535 is expected", words[1]))
        }
    }
}

/// Ends the program because of its command line.
fn refuse(cause: String) -> ! {
    eprintln!("udpserver: {cause}\n{USAGE}");
    process::exit(2)
}

/// Ends the server at Ctrl-C; the kernel closes its socket.
fn goodbye() {
    let _ = writeln!(io::stdout(), "\nInterrupted: the server is closed"); // nobody may be reading
    process::exit(0);
}

/// Says an error as people read it, with the remedy for the usual ones.
fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "address in use: end the program that has this port, or give another PORT".to_owned()
        }
        io::ErrorKind::AddrNotAvailable => {
            "address not available: give an ADDRESS of this host, or 0.0.0.0 for all".to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            "permission denied: ports below 1024 are for root, give a higher PORT".to_owned()
        }
        _ => error.to_string(),
    }
}
