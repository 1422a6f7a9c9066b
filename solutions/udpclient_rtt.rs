// Generated from src/bin/udpclient_rtt.rs by `make gen`.
//! udpclient_rtt -- send a name to the UDP server, and say when, and how long the reply took.
//!
//! usage:    udpclient_rtt [ADDRESS [PORT]]  default: 127.0.0.1 25000
//! try:      udpserver 0.0.0.0 25000, in another terminal; then udpclient_rtt
//! mirrors:  UDPClient.py of lab task 1, line by line
//! departs:  waits 5 s at most for the reply; a reply from anybody but the server is ignored

use std::io;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use chrono::{DateTime, Local};
use socket_labs::{Patient, Program, input, resolve, say};

// serverIP = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
const SERVER_IP: &str = "127.0.0.1";
// serverPort = int(sys.argv[2]) if len(sys.argv) > 2 else 25000
const SERVER_PORT: u16 = 25000;
const PATIENCE: Duration = Duration::from_secs(5);
const PROGRAM: Program = Program {
    late: "no reply within 5 s, and UDP gives no sign of whether the datagram arrived: is the \
           server running, and at this ADDRESS and PORT?",
    ..Program::new("udpclient_rtt", "usage: udpclient_rtt [ADDRESS [PORT]]")
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

/// Reads a name, sends it to the server, and prints the reply, two times of day and the RTT.
fn ask(server_ip: &str, server_port: u16) -> io::Result<()> {
    let server_address = resolve(server_ip, server_port)?;
    // clientSocket = socket(AF_INET, SOCK_DGRAM)
    let client_socket = UdpSocket::bind("0.0.0.0:0")?;
    // message = input("Enter your name ")
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
    // Departs from the Python, which waits for ever, and believes anybody who sends to our port.
    let client_socket = Patient::within(PATIENCE, client_socket);
    let return_message = loop {
        // returnMessage, serverAddress = clientSocket.recvfrom(2048)
        let (length, address) = client_socket.recv_from(&mut buffer)?;
        if address == server_address {
            break &buffer[..length];
        }
        PROGRAM.warn(format!("{address}: not the server you asked, {length} bytes ignored"));
    };
    // time2 = time.perf_counter()
    // replyReceived = datetime.now().astimezone()
    // rtt = time2 - time1
    // Read both clocks again; how much time has gone by since `time1`?
    // ==== fill in here: received ====
    let (rtt, reply_received) = (time1.elapsed(), Local::now());
    // ==== end: received ====
    // print(returnMessage.decode())
    say(String::from_utf8_lossy(return_message));
    // print("Request sent:  ", readable(requestSent))
    say(format!("Request sent:   {}", readable(request_sent)));
    // print("Reply received:", readable(replyReceived))
    say(format!("Reply received: {}", readable(reply_received)));
    // print(f"RTT: {rtt:.6f} seconds")
    say(format!("RTT: {:.6} seconds", rtt.as_secs_f64()));
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
