// Generated from src/bin/timeclient.rs by `make gen`.
//! timeclient -- send commands to the time server and print what comes back. Given complete.
//!
//! usage:    timeclient [ADDRESS [PORT]]     default: 127.0.0.1 8080
//! try:      timeserver, in another terminal; then timeclient
//! mirrors:  timeclient.py, line by line
//! departs:  sends the newline, too, so that a blank line arrives; says that the server has closed

use std::io::{self, Read, Write};
use std::net::TcpStream;

use socket_labs::{Program, input, say};

const PROGRAM: Program = Program::new("timeclient", "usage: timeclient [ADDRESS [PORT]]");

fn main() {
    // server_name = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
    // server_port = int(sys.argv[2]) if len(sys.argv) > 2 else 8080
    let (server_name, server_port) = PROGRAM.arguments("127.0.0.1", 8080);
    match run_client(&server_name, server_port) {
        Ok(()) => {}
        Err(error) if is_the_end(&error) => say("The server has closed the connection"),
        Err(error) => PROGRAM.fail(format!("{server_name}:{server_port}"), &error),
    }
}

/// Sends what is typed, line by line, and prints the answers.
fn run_client(server_name: &str, server_port: u16) -> io::Result<()> {
    // client_socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    // server_address = (server_name, server_port)
    let server_address = (server_name, server_port);
    // client_socket.connect(server_address)
    let mut client_socket = TcpStream::connect(server_address)?;
    // initial_message = client_socket.recv(1024).decode()
    // While the server has another client, this waits.
    let initial_message = recv(&mut client_socket)?;
    // print(initial_message.strip())
    say(initial_message.trim());
    // user_command = input("Please enter a command (TIME or EXIT): ")
    while let Some(user_command) = input("Please enter a command (TIME or EXIT): ")? {
        // client_socket.send(f"{user_command}\n".encode())
        let sent = client_socket.write_all(&[&user_command, &b"\n"[..]].concat());
        // if user_command.strip() == "EXIT":
        if user_command.trim_ascii() == b"EXIT" {
            //     break
            break;
        }
        sent?;
        // response = client_socket.recv(1024).decode()
        let response = recv(&mut client_socket)?;
        // if not response:
        //     print("The server has closed the connection")
        //     break
        // That it has, in whatever way, is an error of `recv`: `main` prints the line.
        // print(response.strip())
        say(response.trim());
    }
    // client_socket.close()
    // A socket is closed when the variable that owns it ends, so here.
    Ok(())
}

// ---- What the Python leaves out ----

/// Reads once, as text.
fn recv(client_socket: &mut TcpStream) -> io::Result<String> {
    let mut buffer = [0; 1024];
    match client_socket.read(&mut buffer)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        length => Ok(String::from_utf8_lossy(&buffer[..length]).into_owned()),
    }
}

/// Whether an error says that the server has closed the connection, in whatever way.
fn is_the_end(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), ConnectionReset | BrokenPipe | UnexpectedEof)
}
