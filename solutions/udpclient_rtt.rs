// Generated from src/bin/udpclient_rtt.rs by `make gen`.
//! udpclient_rtt -- send a name to the UDP server, and say when, and how long the reply took.
//!
//! usage:    udpclient_rtt [ADDRESS [PORT]]  default: 127.0.0.1 25000
//! try:      udpserver 0.0.0.0 25000, in another terminal; then udpclient_rtt
//! mirrors:  UDPClient.py of lab task 1, line by line
//! departs:  waits 5 s at most for the reply; a reply from anybody but the server is ignored

use std::io::{self, BufRead, Write};
use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
use std::time::{Duration, Instant};
use std::{env, process};

use chrono::{DateTime, Local};

const USAGE: &str = "usage: udpclient_rtt [ADDRESS [PORT]]";
const SERVER_PORT: u16 = 25000;
const PATIENCE: Duration = Duration::from_secs(5);

fn main() {
    let (server_name, server_port) = arguments("127.0.0.1", SERVER_PORT);
    if let Err(error) = ask(&server_name, server_port) {
        eprintln!("udpclient_rtt: {server_name}:{server_port}: {}", explain(&error));
        process::exit(1);
    }
}

/// Reads a name, sends it to the server, and prints the reply, two times of day and the RTT.
fn ask(server_name: &str, server_port: u16) -> io::Result<()> {
    let server_address = resolve(server_name, server_port)?;
    // clientSocket = socket(AF_INET, SOCK_DGRAM)
    let client_socket = UdpSocket::bind("0.0.0.0:0")?;
    let Some(message) = input("Enter your name ")? else { return Ok(()) };
    // requestSent = datetime.now().astimezone()
    // time1 = time.perf_counter()
    // Read the wall clock, for people, and the monotonic clock, for the RTT.
    // ==== fill in here: sent ====
    let (request_sent, time1) = (Local::now(), Instant::now());
    // ==== end: sent ====
    // clientSocket.sendto(message.encode(), (serverIP, serverPort))
    // ==== fill in here: send ====
    client_socket.send_to(&message, server_address)?;
    // ==== end: send ====
    let mut buffer = [0; 2048];
    // returnMessage, serverAddress = clientSocket.recvfrom(2048)
    let return_message = receive(&client_socket, server_address, &mut buffer)?;
    // time2 = time.perf_counter()
    // replyReceived = datetime.now().astimezone()
    // rtt = time2 - time1
    // Read both clocks again; how much time has gone by since `time1`?
    // ==== fill in here: received ====
    let (rtt, reply_received) = (time1.elapsed(), Local::now());
    // ==== end: received ====
    println!("{}", String::from_utf8_lossy(return_message));
    println!("Request sent:   {}", readable(request_sent));
    println!("Reply received: {}", readable(reply_received));
    println!("RTT: {:.6} seconds", rtt.as_secs_f64());
    // clientSocket.close()
    // A socket is closed when the variable that owns it ends, so here.
    Ok(())
}

/// Writes a time as people read it, such as `2026-11-20 06:50:01.123456 +00:00`.
fn readable(time: DateTime<Local>) -> String {
    // time.isoformat(" ", "microseconds")
    // Date, time of day with microseconds, and the offset from UTC.
    // ==== fill in here: readable ====
    let text = time.format("%Y-%m-%d %H:%M:%S%.6f %:z").to_string();
    // ==== end: readable ====
    text
}

/// Waits for the server's reply, for 5 s at most.
fn receive<'b>(
    client_socket: &UdpSocket,
    server_address: SocketAddr,
    buffer: &'b mut [u8],
) -> io::Result<&'b [u8]> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        // Departs from the Python, which waits for ever: every turn waits for what is left of 5 s.
        let time_left = deadline.saturating_duration_since(Instant::now());
        if time_left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        client_socket.set_read_timeout(Some(time_left))?;
        let (length, address) = client_socket.recv_from(buffer)?;
        // Departs from the Python: anybody may send to our port, only the server is believed.
        if address == server_address {
            return Ok(&buffer[..length]);
        }
        eprintln!("udpclient_rtt: {address}: not the server you asked, {length} bytes ignored");
    }
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

/// Finds the IPv4 address (AF_INET) that a host name and a port stand for.
fn resolve(name: &str, port: u16) -> io::Result<SocketAddr> {
    let mut addresses = (name, port).to_socket_addrs()?;
    addresses.find(SocketAddr::is_ipv4).ok_or_else(|| io::Error::other("it has no IPv4 address"))
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
    eprintln!("udpclient_rtt: {cause}\n{USAGE}");
    process::exit(2)
}

/// Says an error as people read it, with the remedy for the usual ones.
fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => format!(
            "no reply within {} s, and UDP gives no sign of whether the datagram arrived: \
             is the server running, and at this ADDRESS and PORT?",
            PATIENCE.as_secs()
        ),
        _ => error.to_string(),
    }
}
