// Generated from src/bin/tcpclient_rtt.rs by `make gen`.
//! tcpclient_rtt -- send a name to the TCP server, and say when, and how long the reply took.
//!
//! usage:    tcpclient_rtt [ADDRESS [PORT]]  default: 127.0.0.1 25000
//! try:      tcpserver 0.0.0.0 25000, in another terminal; then tcpclient_rtt
//! mirrors:  TCPClient.py of lab task 2, line by line
//! departs:  waits 5 s at most, for the connection and for the reply; an empty reply is an error

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use chrono::{DateTime, Local};
use socket_labs::{Patient, Program, input, resolve, say};

// serverIP = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
const SERVER_IP: &str = "127.0.0.1";
// serverPort = int(sys.argv[2]) if len(sys.argv) > 2 else 25000
const SERVER_PORT: u16 = 25000;
const PATIENCE: Duration = Duration::from_secs(5);
const PROGRAM: Program = Program {
    late: "connected, but no reply within 5 s",
    far: "no answer to connect within 5 s: the host is off, or far away, or a firewall drops what is \
          sent to it",
    ..Program::new("tcpclient_rtt", "usage: tcpclient_rtt [ADDRESS [PORT]]")
};

/// Writes a time as people read it, such as `2026-11-20 06:50:01.123456 +00:00`.
fn readable(time: DateTime<Local>) -> String {
    // return time.isoformat(" ", "microseconds")
    // Date, time of day with microseconds, and the offset from UTC.
    // ==== fill in here: readable ====
    let text = time.format("%Y-%m-%d %H:%M:%S%.6f %:z").to_string();
    // ==== end: readable ====
    text
}

/// Reads a name, sends it to the server, and prints the reply, two times of day, the RTT and the
/// time that connecting took.
fn ask(server_ip: &str, server_port: u16) -> io::Result<()> {
    let server_address = resolve(server_ip, server_port)?;
    // clientSocket = socket(AF_INET, SOCK_STREAM)
    // message = input("Enter your name ")
    let Some(message) = input("Enter your name ")? else { return Ok(()) };
    // time0 = time.perf_counter()
    // clientSocket.connect((serverIP, serverPort))
    // connectTime = time.perf_counter() - time0
    // Connect, and take the time of that by itself. `PATIENCE` is how long to wait at most.
    // ==== fill in here: connect ====
    let time0 = Instant::now();
    let client_socket = TcpStream::connect_timeout(&server_address, PATIENCE)?;
    let connect_time = time0.elapsed();
    // ==== end: connect ====
    // Departs from the Python, which waits for ever.
    let mut client_socket = Patient::within(PATIENCE, client_socket);
    // requestSent = datetime.now().astimezone()
    // time1 = time.perf_counter()
    // Read the wall clock, for people, and the monotonic clock, for the RTT.
    // ==== fill in here: sent ====
    let (request_sent, time1) = (Local::now(), Instant::now());
    // ==== end: sent ====
    // clientSocket.send(message.encode())
    client_socket.write_all(&message)?;
    let mut buffer = [0; 2048];
    // returnMessage = clientSocket.recv(2048)
    let length = client_socket.read(&mut buffer)?;
    // time2 = time.perf_counter()
    // replyReceived = datetime.now().astimezone()
    // rtt = time2 - time1
    // Read both clocks again; how much time has gone by since `time1`?
    // ==== fill in here: received ====
    let (rtt, reply_received) = (time1.elapsed(), Local::now());
    // ==== end: received ====
    if length == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into()); // the Python prints an empty reply
    }
    // print(returnMessage.decode())
    say(String::from_utf8_lossy(&buffer[..length]));
    // print("Request sent:  ", readable(requestSent))
    say(format!("Request sent:   {}", readable(request_sent)));
    // print("Reply received:", readable(replyReceived))
    say(format!("Reply received: {}", readable(reply_received)));
    // print(f"RTT: {rtt:.6f} seconds")
    say(format!("RTT: {:.6} seconds", rtt.as_secs_f64()));
    // print(f"Connect: {connectTime:.6f} seconds")
    say(format!("Connect: {:.6} seconds", connect_time.as_secs_f64()));
    // clientSocket.close()
    // A socket is closed when the variable that owns it ends, so here.
    Ok(())
}

fn main() {
    let (server_ip, server_port) = PROGRAM.arguments(SERVER_IP, SERVER_PORT);
    if let Err(error) = ask(&server_ip, server_port) {
        PROGRAM.fail(format!("{server_ip}:{server_port}"), &error);
    }
}
