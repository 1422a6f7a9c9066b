// Generated from src/bin/chatclient.rs by `make gen`.
//! chatclient -- chat with all by way of the server, over TCP, and with one user directly, over UDP.
//!
//! usage:    chatclient [SERVER [CLIENT_IP [PORT]]]
//! default:  chat.ttm4200.com, this host's own address, 5000
//! try:      chatserver 127.0.0.1, in another terminal; then chatclient 127.0.0.1 127.0.0.11
//! mirrors:  chatclient.py, line by line
//! departs:  finds the messages in what TCP brings; asks for input when the first roster has come

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::sync::{Condvar, Mutex};
use std::{mem, process, thread};

use serde_json::{Deserializer, Value, json};
use socket_labs::{Program, end_at_interrupt, gethostbyname, gethostname, input, say};

const USAGE: &str = "usage: chatclient [SERVER [CLIENT_IP [PORT]]]";
const NOTES: &str = "\non one host: chatclient 127.0.0.1 127.0.0.11, and 127.0.0.12 for the next";
const PROGRAM: Program = Program { notes: NOTES, ..Program::new("chatclient", USAGE) };

fn find_server_ip(server_name: &str) -> io::Result<IpAddr> {
    // SERVER_IP = socket.gethostbyname(sys.argv[1] if len(sys.argv) > 1 else "chat.ttm4200.com")
    // Marker 1: the IP address of the host `server_name`.
    // ==== fill in here: server-ip ====
    let server_ip = gethostbyname(server_name)?;
    // ==== end: server-ip ====
    Ok(server_ip)
}

fn find_client_ip(client_name: &str) -> io::Result<IpAddr> {
    // CLIENT_IP = sys.argv[2] if len(sys.argv) > 2 else socket.gethostbyname(socket.gethostname())
    // Marker 2: the IP address of the host `client_name`: without CLIENT_IP that is this host.
    // ==== fill in here: client-ip ====
    let client_ip = gethostbyname(client_name)?;
    // ==== end: client-ip ====
    Ok(client_ip)
}

// PORT = int(sys.argv[3]) if len(sys.argv) > 3 else 5000
const PORT: u16 = 5000;
// RECV_BUFFER = 1024
const RECV_BUFFER: usize = 1024;

fn open_udp_socket(client_ip: IpAddr, port: u16) -> io::Result<UdpSocket> {
    // TCP_SOCKET = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    // Marker 3: std makes the TCP socket when it connects, at marker 6.
    // UDP_SOCKET = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    // UDP_SOCKET.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    // Departs from the Python: of two clients with one address and port, only one would hear.
    // UDP_SOCKET.bind((CLIENT_IP, PORT))
    // Markers 4 and 5: a UDP socket with this client's address and port: one call in std.
    // ==== fill in here: udp-socket ====
    let udp_socket = UdpSocket::bind((client_ip, port))?;
    // ==== end: udp-socket ====
    Ok(udp_socket)
}

/// Maps the name to the IP address: to what the server says is one.
type Users = BTreeMap<String, Value>;
// ACTIVE_USERS = None
/// The last roster; `None` before the first. Locked for a moment, never across a send.
static ACTIVE_USERS: Mutex<Option<Users>> = Mutex::new(None);
static ROSTER_HAS_COME: Condvar = Condvar::new();

// def update_active_users(msg):
/// Updates the active users; false if this is no roster.
fn update_active_users(msg: &str) -> bool {
    // ACTIVE_USERS = json.loads(msg[1:])
    let Ok(active_users) = serde_json::from_str(&msg[1..]) else { return false };
    *ACTIVE_USERS.lock().unwrap() = Some(active_users);
    ROSTER_HAS_COME.notify_all();
    true
}

// def get_name_from_ip_address(ip_address):
/// Gets the name of an active user from its IP address.
fn get_name_from_ip_address(ip_address: IpAddr) -> String {
    // name_list = [name for name, ip in ACTIVE_USERS.items() if ip == ip_address]
    let mut name_list =
        active_users().into_iter().filter(|(_, ip)| address(ip) == Some(ip_address));
    // name = name_list[0] if len(name_list) else "Non-registered"
    // return name
    name_list.next().map_or("Non-registered".to_owned(), |(name, _)| name)
}

// def connect_and_listen():
/// The `try` of connect_and_listen: connects, and sends the name; `None` at the end of the input.
fn connect(server_ip: IpAddr, port: u16) -> io::Result<Option<TcpStream>> {
    // TCP_SOCKET.connect((SERVER_IP, PORT))
    // Markers 3 and 6: a TCP socket that is connected to the server: one call in std.
    // ==== fill in here: connect ====
    let mut tcp_socket = TcpStream::connect((server_ip, port))?;
    // ==== end: connect ====
    // name = input("First enter your name to register it in the server: ")
    let mut name = String::new();
    while name.is_empty() {
        let typed = typed("First enter your name to register it in the server: ");
        let Some(line) = typed else { return Ok(None) };
        name = line;
    }
    // name = name.encode("utf-8")
    // TCP_SOCKET.send(name)
    // Marker 7: send `name` to the server.
    // ==== fill in here: send-name ====
    tcp_socket.write_all(name.as_bytes())?;
    // ==== end: send-name ====
    Ok(Some(tcp_socket))
}

/// Connects to the server, then keeps listening, and sends whenever there is an input.
fn connect_and_listen(server: &str, server_ip: IpAddr, port: u16, udp_socket: &UdpSocket) {
    let tcp_socket = connect(server_ip, port).unwrap_or_else(|error| {
        // print("could not connect to chat server...")
        say("could not connect to chat server...");
        // sys.exit()
        PROGRAM.fail(format!("{server}:{port}"), &error)
    });
    let Some(tcp_socket) = tcp_socket else { return };
    // print(""" Connection Established!
    // Now you can enter '#ls' to list active users,
    // '@<user1>: msg' send msg to a specific user,
    // or just write your msg  to send  to all users
    // *************************************************""", flush=True)
    say(BANNER);
    thread::scope(|scope| {
        // Thread(target=receive_tcp).start()
        scope.spawn(|| receive_tcp(&tcp_socket));
        // Thread(target=receive_udp).start()
        scope.spawn(|| receive_udp(udp_socket));
        // Thread(target=send).start()
        scope.spawn(|| send(&tcp_socket, udp_socket, port));
    });
}

// def receive_tcp():
/// Receives messages from the server.
fn receive_tcp(mut tcp_socket: &TcpStream) {
    let mut buffer = [0; RECV_BUFFER];
    let mut inbox = Inbox::default();
    loop {
        // msg = TCP_SOCKET.recv(RECV_BUFFER)
        // Marker 8: read from the server; store what `read` gives: how many bytes, or the error.
        // ==== fill in here: receive-tcp ====
        let length = tcp_socket.read(&mut buffer);
        // ==== end: receive-tcp ====
        let Ok(length @ 1..) = length else { break };
        // msg = msg.decode("utf-8")
        // Departs from the Python, which takes what one recv brings for one message.
        inbox.bytes.extend_from_slice(&buffer[..length]);
        while let Some(msg) = inbox.next() {
            // if msg[0] == "!":
            // update_active_users(msg)
            if !(msg.starts_with('!') && update_active_users(&msg)) {
                // print(f"incoming msg from chatserver ({msg})", flush=True)
                say(format!("incoming msg from chatserver ({msg})"));
            }
        }
    }
    // except OSError:
    // TCP_SOCKET.close()
    // sys.exit()
    // At the end of what the server sends, too: it has gone.
    say("\nThe chat server has closed the connection");
    process::exit(0);
}

// def receive_udp():
/// Receives messages from other clients.
fn receive_udp(udp_socket: &UdpSocket) {
    let mut buffer = [0; RECV_BUFFER];
    loop {
        // msg, address = UDP_SOCKET.recvfrom(RECV_BUFFER)
        // Marker 9: wait for a datagram: how many bytes of the buffer it fills, and who sent it.
        // ==== fill in here: receive-udp ====
        let received = udp_socket.recv_from(&mut buffer);
        // ==== end: receive-udp ====
        let (length, address): (usize, SocketAddr) = match received {
            Ok(datagram) => datagram,
            Err(error) => return PROGRAM.complain("no more messages from other clients", &error),
        };
        // ip_address = address[0]
        let ip_address = address.ip();
        // sending_client = get_name_from_ip_address(ip_address)
        let sending_client = get_name_from_ip_address(ip_address);
        let msg = String::from_utf8_lossy(&buffer[..length]);
        // print(f"Incoming msg (P2P) from {sending_client}:{msg.decode('utf-8')}", flush=True)
        say(format!("Incoming msg (P2P) from {sending_client}:{msg}"));
    }
}

// def send():
/// Sends what is typed: to the server over TCP, or to one client over UDP.
fn send(mut tcp_socket: &TcpStream, udp_socket: &UdpSocket, port: u16) {
    // Waits, without the lock, for a roster: a message sent too soon would be a part of the name.
    drop(ROSTER_HAS_COME.wait_while(ACTIVE_USERS.lock().unwrap(), |users| users.is_none()));
    // usr_input = input(">")
    while let Some(usr_input) = typed(">") {
        // if usr_input == "#ls":
        if usr_input == "#ls" {
            // print(ACTIVE_USERS, flush=True)
            say(json!(active_users()));
        // elif (len(usr_input) > 0) and (usr_input[0] == "@"):
        } else if let Some(usr_input) = usr_input.strip_prefix('@') {
            // temp = usr_input.split(":")
            // receiving_client = temp[0][1:].strip()
            // msg = ":".join(temp[1:])
            let (receiving_client, msg) = usr_input.split_once(':').unwrap_or((usr_input, ""));
            let receiving_client = receiving_client.trim();
            // msg = msg.encode("utf-8")
            // if receiving_client in ACTIVE_USERS:
            if let Some(user) = active_users().get(receiving_client) {
                // ip_address = ACTIVE_USERS[receiving_client]
                let Some(ip_address) = address_of(receiving_client, user) else { continue };
                // UDP_SOCKET.sendto(msg, (ip_address, PORT))
                // Marker 10: send `msg` to the receiving client: its `ip_address`, our `port`.
                // ==== fill in here: send-udp ====
                let sent = udp_socket.send_to(msg.as_bytes(), (ip_address, port));
                // ==== end: send-udp ====
                if let Err(error) = sent {
                    PROGRAM.complain(format!("{receiving_client}: {ip_address}:{port}"), &error);
                }
            } else {
                // print(f"{receiving_client} is not registered", flush=True)
                say(format!("{receiving_client} is not registered"));
            }
        // elif len(usr_input) > 0:
        } else if !usr_input.is_empty() {
            // msg = usr_input
            // msg = msg.encode("utf-8")
            // TCP_SOCKET.send(msg)
            // Marker 11: send what was typed to the server. If that fails, `receive_tcp` says so.
            // ==== fill in here: send-tcp ====
            let _ = tcp_socket.write_all(usr_input.as_bytes());
            // ==== end: send-tcp ====
        }
    }
    let _ = tcp_socket.shutdown(Shutdown::Write); // the end of the input; the server may have gone
    process::exit(0);
}

// if __name__ == "__main__":
fn main() {
    end_at_interrupt("");
    let [server, client, port] =
        PROGRAM.words(["chat.ttm4200.com", &gethostname(), &PORT.to_string()]);
    let port = PROGRAM.number(&port, "a port", u16::MAX);
    let server_ip = find_server_ip(&server)
        .unwrap_or_else(|error| PROGRAM.fail(format!("{server}:{port}"), &error));
    let udp_socket = find_client_ip(&client).and_then(|client_ip| open_udp_socket(client_ip, port));
    let udp_socket = udp_socket
        .unwrap_or_else(|error| PROGRAM.fail(format!("{client}:{port}"), &with_client_ip(error)));
    // connection_threads = Thread(target=connect_and_listen)
    // connection_threads.start()
    // connection_threads.join()
    // Here this thread does it.
    connect_and_listen(&server, server_ip, port, &udp_socket);
}

// ---- What the Python leaves out ----

const BANNER: &str = " Connection Established!
    Now you can enter '#ls' to list active users,
    '@<user1>: msg' send msg to a specific user,
    or just write your msg  to send  to all users
    *************************************************";

/// Prints the prompt and reads a line; `None` at the end of the input.
fn typed(prompt: &str) -> Option<String> {
    Some(String::from_utf8_lossy(&input(prompt).ok()??).into_owned())
}

/// A copy of the active users.
fn active_users() -> Users {
    ACTIVE_USERS.lock().unwrap().clone().unwrap_or_default()
}

/// The IP address in an entry of the roster, if there is one.
fn address(user: &Value) -> Option<IpAddr> {
    user.as_str()?.parse().ok()
}

/// The same, for a message to this user: says what may be wrong with it.
fn address_of(name: &str, user: &Value) -> Option<IpAddr> {
    let ip_address = address(user);
    if ip_address.is_none() {
        PROGRAM.warn(format!("{name}: the server says {user}, and that is no IP address"));
    } else if active_users().values().filter(|other| *other == user).count() > 1 {
        PROGRAM.warn(format!(
            "{name}: several users have this address, and only one of them gets your message: chat \
             directly from several hosts, such as those of the lab network"
        ));
    }
    ip_address
}

/// Names CLIENT_IP as the remedy.
fn with_client_ip(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::AddrInUse => io::Error::other(
            "UDP address in use: on one host each client needs a CLIENT_IP of its own, such as \
             127.0.0.11, 127.0.0.12, …",
        ),
        io::ErrorKind::AddrNotAvailable => {
            io::Error::other("address not available: give a CLIENT_IP of this host")
        }
        _ => error,
    }
}

/// What the server has sent and was not used yet. TCP does not keep messages apart.
#[derive(Default)]
struct Inbox {
    bytes: Vec<u8>,
    /// A roster was taken out last.
    after_roster: bool,
    /// This server ends its messages in a newline. One in Python ends them in nothing.
    has_lines: bool,
}

impl Inbox {
    const LONGEST: usize = 1024 * 1024; // no message of the server is longer

    /// Takes out the next message, if all of it has come.
    fn next(&mut self) -> Option<String> {
        let first = *self.bytes.first()?;
        if mem::take(&mut self.after_roster) {
            // What ends its rosters in a newline ends all its messages in one.
            self.has_lines = first == b'\n';
            self.bytes.drain(..usize::from(self.has_lines));
            return self.next();
        }
        let newline = self.bytes.iter().position(|byte| *byte == b'\n');
        let is_short = self.bytes.len() < Inbox::LONGEST;
        let length = match find_roster_end(&self.bytes) {
            Some(Ok(length)) => {
                self.after_roster = true;
                length
            }
            Some(Err(_)) if newline.is_none() && is_short => return None,
            _ if self.has_lines && is_short => newline? + 1,
            // Without newlines, a text ends where a roster begins, or where no more has come.
            _ => match self.bytes[1..].windows(2).position(|bytes| bytes == b"!{") {
                Some(position) => position + 1,
                None => without_cut_character(&self.bytes)?,
            },
        };
        let rest = self.bytes.split_off(length);
        let message = mem::replace(&mut self.bytes, rest);
        let message = message.strip_suffix(b"\n").unwrap_or(&message);
        Some(String::from_utf8_lossy(message).into_owned())
    }
}

/// Where the roster ends with which these bytes begin; an error if it has not come to its end yet.
fn find_roster_end(bytes: &[u8]) -> Option<Result<usize, ()>> {
    let mut rosters = Deserializer::from_slice(bytes.strip_prefix(b"!")?).into_iter::<Users>();
    match rosters.next() {
        Some(Ok(_)) => Some(Ok(1 + rosters.byte_offset())),
        Some(Err(error)) if !error.is_eof() => None,
        _ => Some(Err(())),
    }
}

/// How many of these bytes are a text; `None` if they are only the beginning of a character.
fn without_cut_character(bytes: &[u8]) -> Option<usize> {
    match str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => Some(error.valid_up_to()).filter(|n| *n > 0),
        _ => Some(bytes.len()),
    }
}
