// Generated from src/bin/timeserver.rs by `make gen`.
//! timeserver -- tell the time to whoever asks, one client at a time, until somebody says EXIT.
//!
//! usage:    timeserver [ADDRESS [PORT]]     default: 0.0.0.0 8080
//! try:      nc 127.0.0.1 8080               type TIME, press Enter; EXIT ends the server
//! mirrors:  timeserver.py, function by function
//! departs:  EXIT ends the server, as the assignment demands; a blank line is an invalid command

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use chrono::Local;
use socket_labs::{Patient, Program, end_at_interrupt, say};

// server_name = sys.argv[1] if len(sys.argv) > 1 else "0.0.0.0"
// server_port = int(sys.argv[2]) if len(sys.argv) > 2 else 8080
const SERVER: (&str, u16) = ("0.0.0.0", 8080);
const PATIENCE: Duration = Duration::from_secs(15);
const PROGRAM: Program = Program {
    late: "sent no command or read no answer for 15 s: let go for the next client",
    ..Program::new("timeserver", "usage: timeserver [ADDRESS [PORT]]")
};

/// Obeys one client's commands until it leaves; true if it has said EXIT.
fn handle_client_commands(
    client_socket: &mut TcpStream,
    client_address: SocketAddr,
) -> io::Result<bool> {
    // ip_address, port = client_address
    // client_socket.send(f"You are connected from {ip_address}:{port}\n".encode())
    // Tell the client its own IP address and port, and end the line.
    // ==== fill in here: greet ====
    todo!("greet");
    // ==== end: greet ====
    // client_socket.settimeout(15)
    // Wait no longer than PATIENCE for this client: two calls in std.
    // ==== fill in here: timeout ====
    todo!("timeout");
    // ==== end: timeout ====
    let patience = client_socket.read_timeout()?;
    let mut buffer = [0; 1024];
    loop {
        let client_socket = &mut Patient::within(patience, &*client_socket); // Ctrl-Z ends no wait
        // received_command = client_socket.recv(1024)
        // Read once: how many bytes of the buffer have come.
        // ==== fill in here: receive ====
        let length: usize = todo!("receive");
        // ==== end: receive ====
        // if not received_command:
        //     return False
        if length == 0 {
            return Ok(false); // the client has closed the connection
        }
        // received_command = received_command.decode().strip()
        // Departs from the Python, which ends at bytes that are no text: they are no command.
        let received_command = String::from_utf8_lossy(&buffer[..length]);
        match received_command.trim() {
            // if received_command == "TIME":
            "TIME" => {
                // current_time = time.ctime()
                // client_socket.send(f"{current_time}\n".encode())
                // Send the local time, as in "Sun Oct  1 13:33:03 2023", and end the line.
                // ==== fill in here: time ====
                todo!("time");
                // ==== end: time ====
            }
            // elif received_command == "EXIT":
            "EXIT" => {
                // return True
                // Leave the loop and tell run_server that this was EXIT.
                // ==== fill in here: exit ====
                todo!("exit");
                // ==== end: exit ====
            }
            _ => {
                // client_socket.send("Invalid command!\n".encode())
                // ==== fill in here: invalid ====
                todo!("invalid");
                // ==== end: invalid ====
            }
        }
    }
}

/// Serves one client after the other, until one says EXIT.
fn run_server(server_name: &str, server_port: u16) -> io::Result<()> {
    // server_socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    // server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    // server_socket.bind((server_name, server_port))
    // server_socket.listen(5)
    // Create a TCP socket, give it the server's address, even if one just had it, and let clients
    // queue up at it: one call in std, four in Python.
    // ==== fill in here: bind ====
    let server_socket: TcpListener = todo!("bind");
    // ==== end: bind ====
    PROGRAM.tell_port(server_port, server_socket.local_addr()?);
    // print("The server is ready to receive", flush=True)
    say("The server is ready to receive");
    // exit_received = False
    let mut exit_received = false;
    // while not exit_received:
    while !exit_received {
        // client_socket, client_address = server_socket.accept()
        // Wait for the next client: a socket for it alone, and its address.
        // ==== fill in here: accept ====
        let (mut client_socket, client_address): (TcpStream, SocketAddr) = todo!("accept");
        // ==== end: accept ====
        // exit_received = handle_client_commands(client_socket, client_address)
        match handle_client_commands(&mut client_socket, client_address) {
            Ok(exit) => exit_received = exit,
            // except socket.timeout:
            //     print(f"{client_address} sent no command for 15 s", flush=True)
            Err(error) => PROGRAM.complain(client_address, &error),
        }
        // client_socket.close()
        // A socket is closed when the variable that owns it ends, so here.
    }
    say("EXIT: the server is closed");
    // server_socket.close()
    Ok(())
}

fn main() {
    let (server_name, server_port) = PROGRAM.arguments(SERVER.0, SERVER.1);
    end_at_interrupt("Interrupted: the server is closed");
    if let Err(error) = run_server(&server_name, server_port) {
        PROGRAM.fail(format!("{server_name}:{server_port}"), &error);
    }
}
