// Generated from src/bin/pingclient.rs by `make gen`.
//! pingclient -- send ten pings to the ping server, and say how long each answer took.
//!
//! usage:    pingclient [ADDRESS [PORT]]     default: 127.0.0.1 12000
//! try:      pingserver, in another terminal; then pingclient
//! mirrors:  pingclient.py, line by line
//! departs:  a ping has 1 s in all, and only its own answer counts; ends with a summary, as ping does

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use chrono::Local;
use socket_labs::{Patient, Program, resolve, say};

// serverName = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
const SERVER_NAME: &str = "127.0.0.1";
// serverPort = int(sys.argv[2]) if len(sys.argv) > 2 else 12000
const SERVER_PORT: u16 = 12000;
const PINGS: usize = 10;
const PATIENCE: Duration = Duration::from_secs(1);
const PROGRAM: Program = Program::new("pingclient", "usage: pingclient [ADDRESS [PORT]]");

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
    let (message, start): (String, Instant) = todo!("send");
    // ==== end: send ====
    let mut buffer = [0; 1024];
    loop {
        // timeLeft = start + 1 - time.perf_counter()
        // Departs from the assignment's Python, which begins a new second with every datagram.
        let time_left = PATIENCE.saturating_sub(start.elapsed());
        // if timeLeft <= 0:
        if time_left.is_zero() {
            // raise timeout
            return Err(ErrorKind::TimedOut.into());
        }
        // clientSocket.settimeout(timeLeft)
        // ==== fill in here: timeout ====
        todo!("timeout");
        // ==== end: timeout ====
        // Ctrl-Z and `fg` end no wait: it goes on with what is left of its time.
        let client_socket = Patient::within(client_socket.read_timeout()?, client_socket);
        // reply, address = clientSocket.recvfrom(1024)
        // if address != server or reply != message.upper().encode(): continue
        // Wait for a datagram. Is it the server's, and this very ping in capitals? If not, go on.
        // ==== fill in here: receive ====
        let reply: &[u8] = todo!("receive");
        // ==== end: receive ====
        // rtt = time.perf_counter() - start
        // How much time has gone by since `start`?
        // ==== fill in here: rtt ====
        let rtt: Duration = todo!("rtt");
        // ==== end: rtt ====
        // print("Receiving Pong Message:", reply.decode())
        say(format!("Receiving Pong Message: {}", String::from_utf8_lossy(reply)));
        // print(f"Round Trip Time(RTT): {rtt:.6f} seconds")
        say(format!("Round Trip Time(RTT): {:.6} seconds", rtt.as_secs_f64()));
        // return rtt
        return Ok(rtt);
    }
}

/// Sends the pings one after the other, and sums up in the words of the program `ping`.
fn ping_all(server_name: &str, server_port: u16) -> io::Result<()> {
    // server = (gethostbyname(serverName), serverPort)
    let server_address = resolve(server_name, server_port)?;
    // clientSocket = socket(AF_INET, SOCK_DGRAM)
    // Create a UDP socket at any address of this host and a port of the kernel's choice.
    // ==== fill in here: socket ====
    let client_socket: UdpSocket = todo!("socket");
    // ==== end: socket ====
    // rtts = []
    let mut rtts = Vec::new();
    // for sequence in range(1, 11):
    for sequence in 1..=PINGS {
        // try:
        //     rtts.append(ping(sequence))
        match ping(&client_socket, server_address, sequence) {
            Ok(rtt) => rtts.push(rtt),
            // except timeout:
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                // print("Request timed out for sequence number:", sequence)
                // ==== fill in here: lost ====
                todo!("lost");
                // ==== end: lost ====
            }
            Err(error) => return Err(error),
        }
    }
    // print(f"--- {server[0]}:{server[1]} ping statistics ---")
    say(format!("--- {server_address} ping statistics ---"));
    // loss = 100 * (10 - len(rtts)) // 10
    let (received, loss) = (rtts.len(), 100 * (PINGS - rtts.len()) / PINGS);
    // print(f"10 packets transmitted, {len(rtts)} received, {loss}% packet loss")
    say(format!("{PINGS} packets transmitted, {received} received, {loss}% packet loss"));
    // if rtts:
    //     times = (min(rtts), sum(rtts) / len(rtts), max(rtts))
    let average = rtts.iter().sum::<Duration>() / received.max(1) as u32;
    if let (Some(min), Some(max)) = (rtts.iter().min(), rtts.iter().max()) {
        let times = [*min, average, *max].map(|rtt| format!("{:.3}", 1000.0 * rtt.as_secs_f64()));
        // print("rtt min/avg/max =", "/".join(f"{1000 * rtt:.3f}" for rtt in times), "ms")
        say(format!("rtt min/avg/max = {} ms", times.join("/")));
    }
    // clientSocket.close()
    // A socket is closed when the variable that owns it ends, so here.
    Ok(())
}

fn main() {
    let (server_name, server_port) = PROGRAM.arguments(SERVER_NAME, SERVER_PORT);
    if let Err(error) = ping_all(&server_name, server_port) {
        PROGRAM.fail(format!("{server_name}:{server_port}"), &error);
    }
}
