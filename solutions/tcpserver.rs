// Generated from src/bin/tcpserver.rs by `make gen`.
//! tcpserver -- send each client its sentence back in capitals, one client at a time.
//!
//! usage:    tcpserver [ADDRESS [PORT]]      default: 0.0.0.0 12000
//! try:      nc 127.0.0.1 12000              type a sentence, press Enter
//! mirrors:  tcpserver.py, line by line
//! departs:  Ctrl-C is said; a client that sends nothing for 5 s, or resets, is let go

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;
use std::{env, process};

const USAGE: &str = "usage: tcpserver [ADDRESS [PORT]]";
const SERVER_PORT: u16 = 12000;
const PATIENCE: Duration = Duration::from_secs(5);

fn main() {
    let (server_name, server_port) = arguments("0.0.0.0", SERVER_PORT);
    ctrlc::set_handler(goodbye).expect("the first handler of this process is always accepted");
    if let Err(error) = serve(&server_name, server_port) {
        eprintln!("tcpserver: {server_name}:{server_port}: {}", explain(&error));
        process::exit(1);
    }
}

/// Serves one client after the other, without end.
fn serve(server_name: &str, server_port: u16) -> io::Result<()> {
    // serverSocket = socket(AF_INET, SOCK_STREAM)
    // serverSocket.bind((serverName, serverPort))
    // serverSocket.listen(1)
    // Create a TCP socket, give it the server's address and let clients queue up at it: one call
    // in std, three in Python.
    // ==== fill in here: bind ====
    let server_socket = TcpListener::bind((server_name, server_port))?;
    // ==== end: bind ====
    if server_port == 0 {
        eprintln!("tcpserver: the kernel chose port {}", server_socket.local_addr()?.port());
    }
    println!("The server is ready to receive");
    loop {
        // connectionSocket, addr = serverSocket.accept()
        // Wait for the next client: a socket for it alone, and its address.
        // ==== fill in here: accept ====
        let (connection_socket, address) = server_socket.accept()?;
        // ==== end: accept ====
        // Departs from the Python, which ends here: a client that resets or stays silent costs
        // nobody else the server.
        if let Err(error) = capitalize(connection_socket) {
            eprintln!("tcpserver: {address}: {}", explain(&error));
        }
    }
}

/// Reads one sentence from a client and sends it back in capitals.
fn capitalize(mut connection_socket: TcpStream) -> io::Result<()> {
    connection_socket.set_read_timeout(Some(PATIENCE))?;
    let mut buffer = [0; 1024];
    // sentence = connectionSocket.recv(1024)
    // Read once: how many bytes of the buffer have come.
    // ==== fill in here: receive ====
    let length = connection_socket.read(&mut buffer)?;
    // ==== end: receive ====
    let sentence = &buffer[..length];
    // capitalizedSentence = sentence.upper()
    // connectionSocket.send(capitalizedSentence)
    // Turn a-z into A-Z, leave every other byte as it is, and send all of it.
    // ==== fill in here: reply ====
    let capitalized_sentence = sentence.to_ascii_uppercase();
    connection_socket.write_all(&capitalized_sentence)?;
    // ==== end: reply ====
    // connectionSocket.close()
    // A socket is closed when the variable that owns it ends, so here.
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
    eprintln!("tcpserver: {cause}\n{USAGE}");
    process::exit(2)
}

/// Ends the server at Ctrl-C; the kernel closes its sockets.
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
        io::ErrorKind::WouldBlock => {
            format!("sent nothing for {} s: let go for the next client", PATIENCE.as_secs())
        }
        _ => error.to_string(),
    }
}
