// Generated from src/bin/timeclient.rs by `make gen`.
//! timeclient -- send commands to the time server and print what comes back. Given complete.
//!
//! usage:    timeclient [ADDRESS [PORT]]     default: 127.0.0.1 8080
//! try:      timeserver, in another terminal; then timeclient
//! mirrors:  timeclient.py, line by line
//! departs:  sends the newline, too, so that a blank line arrives; says that the server has closed

use std::io::{self, BufRead, Read, Write};
use std::net::TcpStream;
use std::{env, process};

const USAGE: &str = "usage: timeclient [ADDRESS [PORT]]";
const SERVER_PORT: u16 = 8080;

fn main() {
    let (server_name, server_port) = arguments("127.0.0.1", SERVER_PORT);
    if let Err(error) = run_client(&server_name, server_port) {
        eprintln!("timeclient: {server_name}:{server_port}: {}", explain(&error));
        process::exit(1);
    }
}

/// Sends what is typed, line by line, and prints the answers.
fn run_client(server_name: &str, server_port: u16) -> io::Result<()> {
    // client_socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    // client_socket.connect((server_name, server_port))
    let mut client_socket = TcpStream::connect((server_name, server_port))?;
    // initial_message = client_socket.recv(1024).decode()
    // While the server has another client, this waits.
    let Some(initial_message) = recv(&mut client_socket)? else {
        println!("The server has closed the connection");
        return Ok(());
    };
    // print(initial_message.strip())
    println!("{}", initial_message.trim());
    loop {
        // user_command = input("Please enter a command (TIME or EXIT): ")
        let Some(mut user_command) = input("Please enter a command (TIME or EXIT): ")? else {
            return Ok(());
        };
        // client_socket.send(f"{user_command}\n".encode())
        user_command.push(b'\n');
        let sent = client_socket.write_all(&user_command);
        // if user_command.strip() == "EXIT": break
        if user_command.trim_ascii() == b"EXIT" {
            return Ok(());
        }
        // response = client_socket.recv(1024).decode()
        let response = match sent {
            Ok(()) => recv(&mut client_socket)?,
            Err(error) if is_the_end(&error) => None,
            Err(error) => return Err(error),
        };
        let Some(response) = response else {
            println!("The server has closed the connection");
            return Ok(());
        };
        // print(response.strip())
        println!("{}", response.trim());
    }
    // client_socket.close()
    // A socket is closed when the variable that owns it ends, so wherever this function returns.
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

/// Reads once, as text; `None` if the server has closed the connection, in whatever way.
fn recv(client_socket: &mut TcpStream) -> io::Result<Option<String>> {
    let mut buffer = [0; 1024];
    match client_socket.read(&mut buffer) {
        Ok(0) => Ok(None),
        Ok(length) => Ok(Some(String::from_utf8_lossy(&buffer[..length]).into_owned())),
        Err(error) if is_the_end(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether an error says that the server has closed the connection before it was asked.
fn is_the_end(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
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
    eprintln!("timeclient: {cause}\n{USAGE}");
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
        _ => error.to_string(),
    }
}
