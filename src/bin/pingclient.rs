//! pingclient -- send ten pings to the ping server, and say how long each answer took.
//!
//! usage:    pingclient [ADDRESS [PORT]]     default: 127.0.0.1 12000
//! try:      pingserver, in another terminal; then pingclient
//! mirrors:  pingclient.py, line by line
//! departs:  a ping has 1 s in all, and only its own answer counts; ends with a summary, as ping does

use std::io;
use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
use std::time::{Duration, Instant};
use std::{env, process};

use chrono::Local;

const USAGE: &str = "usage: pingclient [ADDRESS [PORT]]";
const SERVER_PORT: u16 = 12000;
const PINGS: usize = 10;
const PATIENCE: Duration = Duration::from_secs(1);

fn main() {
    let (server_name, server_port) = arguments("127.0.0.1", SERVER_PORT);
    if let Err(error) = ping_all(&server_name, server_port) {
        eprintln!("pingclient: {server_name}:{server_port}: {error}");
        process::exit(1);
    }
}

/// Sends the pings one after the other, and sums up.
fn ping_all(server_name: &str, server_port: u16) -> io::Result<()> {
    let server_address = resolve(server_name, server_port)?;
    // clientSocket = socket(AF_INET, SOCK_DGRAM)
    // Create a UDP socket at any address of this host and a port of the kernel's choice.
    // ==== fill in here: socket ====
    //| let client_socket: UdpSocket = todo!("socket");
    let client_socket = UdpSocket::bind("0.0.0.0:0")?;
    // ==== end: socket ====
    let mut rtts = Vec::new();
    for sequence in 1..=PINGS {
        // try:
        match ping(&client_socket, server_address, sequence) {
            Ok(rtt) => rtts.push(rtt),
            // except timeout:
            Err(error) if is_timeout(&error) => {
                // print("Request timed out for sequence number:", sequence)
                // ==== fill in here: lost ====
                //| todo!("lost");
                println!("Request timed out for sequence number: {sequence}");
                // ==== end: lost ====
            }
            Err(error) => return Err(error),
        }
    }
    summarize(server_address, &rtts);
    // clientSocket.close()
    // A socket is closed when the variable that owns it ends, so here.
    Ok(())
}

/// Sends one ping and waits for its answer. Gives its RTT, or the error of a timeout.
fn ping(
    client_socket: &UdpSocket,
    server_address: SocketAddr,
    sequence: usize,
) -> io::Result<Duration> {
    // message = f"Ping {sequence} {datetime.now()}"
    // print("Sending Ping Message:", message)
    // start = time.perf_counter()
    // clientSocket.sendto(message.encode(), server)
    // Make the message, print it, start the stopwatch, and send the message to the server.
    // ==== fill in here: send ====
    //| let (message, start): (String, Instant) = todo!("send");
    let message = format!("Ping {sequence} {}", Local::now().format("%Y-%m-%d %H:%M:%S%.6f"));
    println!("Sending Ping Message: {message}");
    let start = Instant::now();
    client_socket.send_to(message.as_bytes(), server_address)?;
    // ==== end: send ====
    let mut buffer = [0; 1024];
    loop {
        // timeLeft = start + 1 - time.perf_counter()
        // Departs from the assignment's Python, which begins a new second with every datagram.
        let time_left = PATIENCE.saturating_sub(start.elapsed());
        if time_left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        // clientSocket.settimeout(timeLeft)
        // ==== fill in here: timeout ====
        //| todo!("timeout");
        client_socket.set_read_timeout(Some(time_left))?;
        // ==== end: timeout ====
        // reply, address = clientSocket.recvfrom(1024)
        // if address != server or reply != message.upper().encode(): continue
        // Wait for a datagram. Is it the server's, and this very ping in capitals? If not, go on.
        // ==== fill in here: receive ====
        //| let reply: &[u8] = todo!("receive");
        let (length, address) = client_socket.recv_from(&mut buffer)?;
        let reply = &buffer[..length];
        if address != server_address || reply != message.to_ascii_uppercase().as_bytes() {
            continue;
        }
        // ==== end: receive ====
        // rtt = time.perf_counter() - start
        // How much time has gone by since `start`?
        // ==== fill in here: rtt ====
        //| let rtt: Duration = todo!("rtt");
        let rtt = start.elapsed();
        // ==== end: rtt ====
        println!("Receiving Pong Message: {}", String::from_utf8_lossy(reply));
        println!("Round Trip Time(RTT): {:.6} seconds", rtt.as_secs_f64());
        return Ok(rtt);
    }
}

/// Prints what came of the pings, in the words of the program `ping`.
fn summarize(server_address: SocketAddr, rtts: &[Duration]) {
    let received = rtts.len();
    let loss = 100 * (PINGS - received) / PINGS;
    println!("--- {server_address} ping statistics ---");
    println!("{PINGS} packets transmitted, {received} received, {loss}% packet loss");
    let milliseconds = rtts.iter().map(|rtt| rtt.as_secs_f64() * 1000.0);
    let average = milliseconds.clone().sum::<f64>() / received as f64;
    if let (Some(min), Some(max)) =
        (milliseconds.clone().reduce(f64::min), milliseconds.reduce(f64::max))
    {
        println!("rtt min/avg/max = {min:.3}/{average:.3}/{max:.3} ms");
    }
}

// ---- What Python has built in ----

/// Whether an error says that the time set with `set_read_timeout` is over.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
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
    eprintln!("pingclient: {cause}\n{USAGE}");
    process::exit(2)
}
