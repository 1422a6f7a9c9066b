//! timeserver -- tell the time to whoever asks, one client at a time, until somebody says EXIT.
//!
//! usage:    timeserver [ADDRESS [PORT]]     default: 0.0.0.0 8080
//! try:      nc 127.0.0.1 8080               type TIME, press Enter; EXIT ends the server
//! mirrors:  timeserver.py, function by function
//! departs:  EXIT ends the server, as the assignment demands; a blank line is an invalid command

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;
use std::{env, process};

use chrono::Local;

const USAGE: &str = "usage: timeserver [ADDRESS [PORT]]";
const SERVER_PORT: u16 = 8080;
const PATIENCE: Duration = Duration::from_secs(15);

fn main() {
    let (server_name, server_port) = arguments("0.0.0.0", SERVER_PORT);
    ctrlc::set_handler(goodbye).expect("the first handler of this process is always accepted");
    if let Err(error) = run_server(&server_name, server_port) {
        eprintln!("timeserver: {server_name}:{server_port}: {}", explain(&error));
        process::exit(1);
    }
}

/// Serves one client after the other, until one says EXIT.
fn run_server(server_name: &str, server_port: u16) -> io::Result<()> {
    // server_socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    // server_socket.bind((server_name, server_port))
    // server_socket.listen(5)
    // Create a TCP socket, give it the server's address and let clients queue up at it: one call
    // in std, three in Python.
    // ==== fill in here: bind ====
    //| let server_socket: TcpListener = todo!("bind");
    let server_socket = TcpListener::bind((server_name, server_port))?;
    // ==== end: bind ====
    if server_port == 0 {
        eprintln!("timeserver: the kernel chose port {}", server_socket.local_addr()?.port());
    }
    println!("The server is ready to receive");
    loop {
        // client_socket, client_address = server_socket.accept()
        // Wait for the next client: a socket for it alone, and its address.
        // ==== fill in here: accept ====
        //| let (mut client_socket, client_address): (TcpStream, SocketAddr) = todo!("accept");
        let (mut client_socket, client_address) = server_socket.accept()?;
        // ==== end: accept ====
        match handle_client_commands(&mut client_socket, client_address) {
            Ok(true) => break,
            Ok(false) => {}
            Err(error) => eprintln!("timeserver: {client_address}: {}", explain(&error)),
        }
        // client_socket.close()
        // A socket is closed when the variable that owns it ends, so here.
    }
    let _ = writeln!(io::stdout(), "EXIT: the server is closed"); // nobody may be reading
    // server_socket.close()
    // And this one here.
    Ok(())
}

/// Obeys one client's commands until it leaves; true if it has said EXIT.
fn handle_client_commands(
    client_socket: &mut TcpStream,
    client_address: SocketAddr,
) -> io::Result<bool> {
    // ip_address, port = client_address
    // client_socket.send(f"You are connected from {ip_address}:{port}\n".encode())
    // Tell the client its own IP address and port, and end the line.
    // ==== fill in here: greet ====
    //| todo!("greet");
    let greeting = format!("You are connected from {client_address}\n");
    send(client_socket, greeting.as_bytes())?;
    // ==== end: greet ====
    // client_socket.settimeout(15)
    // Wait no longer than PATIENCE for this client: two calls in std, one in Python.
    // ==== fill in here: timeout ====
    //| todo!("timeout");
    client_socket.set_read_timeout(Some(PATIENCE))?;
    client_socket.set_write_timeout(Some(PATIENCE))?;
    // ==== end: timeout ====
    let mut buffer = [0; 1024];
    loop {
        // received_command = client_socket.recv(1024)
        // Read once: how many bytes of the buffer have come.
        // ==== fill in here: receive ====
        //| let length: usize = todo!("receive");
        let length = client_socket.read(&mut buffer)?;
        // ==== end: receive ====
        if length == 0 {
            return Ok(false); // the client has closed the connection
        }
        // received_command = received_command.decode().strip()
        // Departs from the Python, which ends at bytes that are no text: they are no command.
        let received_command = String::from_utf8_lossy(&buffer[..length]);
        match received_command.trim() {
            "TIME" => {
                // current_time = time.ctime()
                // client_socket.send(f"{current_time}\n".encode())
                // Send the local time, as in "Sun Oct  1 13:33:03 2023", and end the line.
                // ==== fill in here: time ====
                //| todo!("time");
                let current_time = Local::now().format("%a %b %e %H:%M:%S %Y");
                send(client_socket, format!("{current_time}\n").as_bytes())?;
                // ==== end: time ====
            }
            "EXIT" => {
                // return True
                // Leave the loop and tell run_server that this was EXIT.
                // ==== fill in here: exit ====
                //| todo!("exit");
                return Ok(true);
                // ==== end: exit ====
            }
            _ => {
                // client_socket.send("Invalid command!\n".encode())
                // ==== fill in here: invalid ====
                //| todo!("invalid");
                send(client_socket, b"Invalid command!\n")?;
                // ==== end: invalid ====
            }
        }
    }
}

// ---- What Python has built in ----

/// Sends all of an answer, or says that the client did not take it in time: `write` stops halfway
/// only when the timeout is over, and `write_all` would then begin to wait anew.
fn send(client_socket: &mut TcpStream, answer: &[u8]) -> io::Result<()> {
    match client_socket.write(answer)? {
        length if length == answer.len() => Ok(()),
        _ => Err(io::ErrorKind::WouldBlock.into()),
    }
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
    eprintln!("timeserver: {cause}\n{USAGE}");
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
            let patience = PATIENCE.as_secs();
            format!(
                "sent no command or read no answer for {patience} s: let go for the next client"
            )
        }
        _ => error.to_string(),
    }
}
