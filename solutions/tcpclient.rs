// Generated from src/bin/tcpclient.rs by `make gen`.
//! tcpclient -- send one sentence to the TCP server and print what comes back.
//!
//! usage:    tcpclient [ADDRESS [PORT]]      default: 127.0.0.1 12000
//! try:      tcpserver, in another terminal; then tcpclient
//! mirrors:  tcpclient.py, line by line
//! departs:  waits 5 s at most for the reply; an answer of no bytes is reported as an error

use std::io::{self, BufRead, Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use std::{env, process};

const USAGE: &str = "usage: tcpclient [ADDRESS [PORT]]";
const SERVER_PORT: u16 = 12000;
const PATIENCE: Duration = Duration::from_secs(5);

fn main() {
    let (server_name, server_port) = arguments("127.0.0.1", SERVER_PORT);
    if let Err(error) = ask(&server_name, server_port) {
        eprintln!("tcpclient: {server_name}:{server_port}: {}", explain(&error));
        process::exit(1);
    }
}

/// Reads a sentence, sends it to the server and prints the reply.
fn ask(server_name: &str, server_port: u16) -> io::Result<()> {
    // Ask first, connect then: a server with time for one client only would wait for the typist.
    let Some(sentence) = input("Input lowercase sentence:")? else { return Ok(()) };
    // clientSocket = socket(AF_INET, SOCK_STREAM)
    // clientSocket.connect((serverName, serverPort))
    // Create a TCP socket and connect it to the server: one call in std, two in Python.
    // ==== fill in here: connect ====
    let mut client_socket = TcpStream::connect((server_name, server_port))?;
    // ==== end: connect ====
    // Departs from the Python, which waits for ever.
    client_socket.set_read_timeout(Some(PATIENCE))?;
    // clientSocket.send(sentence.encode())
    // ==== fill in here: send ====
    client_socket.write_all(&sentence)?;
    // ==== end: send ====
    let mut buffer = [0; 1024];
    // modifiedSentence = clientSocket.recv(1024)
    // Read once: how many bytes of the buffer have come.
    // ==== fill in here: receive ====
    let length = client_socket.read(&mut buffer)?;
    // ==== end: receive ====
    if length == 0 {
        // Departs from the Python, which prints an empty reply: nothing is not an answer.
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let modified_sentence = &buffer[..length];
    println!("From Server: {}", String::from_utf8_lossy(modified_sentence));
    // clientSocket.close()
    // A socket is closed when the variable that owns it ends, so here.
    Ok(())
}

// ---- What Python has built in ----

/// Prints the prompt and reads a line without its end; `None` at the end of input.
fn input(prompt: &str) -> io::Result<Option<Vec<u8>>> {
    print!("{prompt}");
    io::stdout().flush()?;
    let mut line = Vec::new();
    if io::stdin().lock().read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    let line = line.strip_suffix(b"\n").unwrap_or(&line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Ok(Some(line.to_vec()))
}

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
    eprintln!("tcpclient: {cause}\n{USAGE}");
    process::exit(2)
}

/// Says an error as people read it, with the remedy for the usual ones.
fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            "connection refused: the host answers, but no program there listens at this port; \
             start the server first, or give its ADDRESS and PORT"
                .to_owned()
        }
        io::ErrorKind::WouldBlock => {
            format!("connected, but no reply within {} s", PATIENCE.as_secs())
        }
        io::ErrorKind::UnexpectedEof => {
            "the server closed the connection without an answer".to_owned()
        }
        _ => error.to_string(),
    }
}
