// Generated from src/bin/chatclient.rs by `make gen`.
//! chatclient -- chat with all by way of the server, over TCP, and with one user directly, over UDP.
//!
//! usage:    chatclient [SERVER [CLIENT_IP [PORT]]]
//! default:  chat.ttm4200.com, this host's own address, 5000
//! try:      chatserver 127.0.0.1, in another terminal; then chatclient 127.0.0.1 127.0.0.11
//! mirrors:  chatclient.py, function by function
//! departs:  finds the messages in what TCP brings; asks for input when the first roster has come

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::sync::{Condvar, Mutex};
use std::{env, fs, mem, process, thread};

use serde_json::{Deserializer, Value, json};

const USAGE: &str = "usage: chatclient [SERVER [CLIENT_IP [PORT]]]";
const SERVER: &str = "chat.ttm4200.com";
const PORT: u16 = 5000;
const RECV_BUFFER: usize = 1024;
const LONGEST: usize = 1024 * 1024; // no message of the server is longer
const SHARED: &str = "several users have this address, and only one of them gets your message: chat \
                      directly from several hosts, such as those of the lab network";

/// Maps the name to the IP address: to what the server says is one.
type Users = BTreeMap<String, Value>;
/// The last roster; `None` before the first. Locked for a moment, never across a send.
static ACTIVE_USERS: Mutex<Option<Users>> = Mutex::new(None);
static ROSTER_HAS_COME: Condvar = Condvar::new();

fn main() {
    let (server_name, client_name, port) = arguments();
    ctrlc::set_handler(|| process::exit(0)).expect("the first handler is always accepted");
    // SERVER_IP = socket.gethostbyname("chat.ttm4200.com")
    // Marker 1: the IP address of the host `server_name`.
    // ==== fill in here: server-ip ====
    let server_ip = gethostbyname(&server_name);
    // ==== end: server-ip ====
    let server_ip = server_ip.unwrap_or_else(|error| fail(&server_name, port, &error));
    // CLIENT_IP = socket.gethostbyname(socket.gethostname())
    // Marker 2: the IP address of the host `client_name`: without CLIENT_IP that is this host.
    // ==== fill in here: client-ip ====
    let client_ip = gethostbyname(&client_name);
    // ==== end: client-ip ====
    let client_ip = client_ip.unwrap_or_else(|error| fail(&client_name, port, &error));
    // TCP_SOCKET = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    // Marker 3: std makes the TCP socket when it connects, at marker 6.
    // UDP_SOCKET = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    // UDP_SOCKET.bind((CLIENT_IP, PORT))
    // Markers 4 and 5: a UDP socket with this client's address and port: one call in std.
    // ==== fill in here: udp-socket ====
    let udp_socket = UdpSocket::bind((client_ip, port));
    // ==== end: udp-socket ====
    // Not set: UDP_SOCKET.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    // Of two clients with one address and port, only one would hear.
    let udp_socket = udp_socket.unwrap_or_else(|error| fail(&client_name, port, &error));
    // connection_threads = Thread(target=connect_and_listen)
    connect_and_listen(server_ip, port, &udp_socket).unwrap_or_else(|error| {
        // print("could not connect to chat server...")
        println!("could not connect to chat server...");
        fail(&server_name, port, &error)
    });
}

/// Updates the active users; false if this is no roster.
fn update_active_users(msg: &str) -> bool {
    // ACTIVE_USERS = json.loads(msg[1:])
    let Ok(active_users) = serde_json::from_str(&msg[1..]) else { return false };
    *ACTIVE_USERS.lock().unwrap() = Some(active_users);
    ROSTER_HAS_COME.notify_all();
    true
}

/// Gets the name of an active user from its IP address.
fn get_name_from_ip_address(ip_address: IpAddr) -> String {
    // name_list = [name for name, ip in ACTIVE_USERS.items() if ip == ip_address]
    // name = name_list[0] if len(name_list) else 'Non-registered'
    let name = active_users().into_iter().find(|(_, ip)| address_in(ip) == Some(ip_address));
    name.map_or("Non-registered".to_owned(), |(name, _)| name)
}

/// Connects to the server, then keeps listening, and sends whenever there is an input.
fn connect_and_listen(server_ip: IpAddr, port: u16, udp_socket: &UdpSocket) -> io::Result<()> {
    // TCP_SOCKET.connect((SERVER_IP, PORT))
    // Markers 3 and 6: a TCP socket that is connected to the server: one call in std.
    // ==== fill in here: connect ====
    let mut tcp_socket = TcpStream::connect((server_ip, port))?;
    // ==== end: connect ====
    // name = input("First enter your name to register it in the server: ")
    let prompt = "First enter your name to register it in the server: ";
    let mut name = String::new();
    while name.is_empty() {
        let Some(line) = input(prompt) else { return Ok(()) };
        name = line;
    }
    // TCP_SOCKET.send(name)
    // Marker 7: send `name` to the server.
    // ==== fill in here: send-name ====
    tcp_socket.write_all(name.as_bytes())?;
    // ==== end: send-name ====
    println!(
        " Connection Established!
    Now you can enter '#ls' to list active users,
    '@<user1>: msg' send msg to a specific user,
    or just write your msg  to send  to all users
    *************************************************"
    );
    thread::scope(|scope| {
        // Thread(target=receive_tcp).start()
        scope.spawn(|| receive_tcp(&tcp_socket));
        // Thread(target=receive_udp).start()
        scope.spawn(|| receive_udp(udp_socket));
        // Thread(target=send).start()
        scope.spawn(|| send(&tcp_socket, udp_socket, port));
    });
    Ok(())
}

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
        // except OSError: TCP_SOCKET.close(), sys.exit(); at 0 bytes, too: the server has gone
        let Ok(length @ 1..) = length else {
            println!("\nThe chat server has closed the connection");
            process::exit(0);
        };
        // msg = msg.decode("utf-8")
        // Departs from the Python, which takes what one recv brings for one message.
        inbox.bytes.extend_from_slice(&buffer[..length]);
        while let Some(msg) = inbox.next() {
            // if msg[0] == '!': update_active_users(msg)
            // else: print(f"incoming msg from chatserver ({msg})")
            if !(msg.starts_with('!') && update_active_users(&msg)) {
                println!("incoming msg from chatserver ({msg})");
            }
        }
    }
}

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
            Err(error) => {
                return eprintln!("chatclient: no more messages from other clients: {error}");
            }
        };
        // sending_client = get_name_from_ip_address(ip_address)
        let sending_client = get_name_from_ip_address(address.ip());
        let msg = String::from_utf8_lossy(&buffer[..length]);
        // print(f"Incoming msg (P2P) from {sending_client}:{msg.decode('utf-8')}")
        println!("Incoming msg (P2P) from {sending_client}:{msg}");
    }
}

/// Sends what is typed: to the server over TCP, or to one client over UDP.
fn send(mut tcp_socket: &TcpStream, udp_socket: &UdpSocket, port: u16) {
    // Waits, without the lock, for a roster: a message sent too soon would be a part of the name.
    drop(ROSTER_HAS_COME.wait_while(ACTIVE_USERS.lock().unwrap(), |users| users.is_none()));
    // usr_input = input(">")
    while let Some(usr_input) = input(">") {
        // if usr_input == '#ls':
        if usr_input == "#ls" {
            // print(ACTIVE_USERS)
            println!("{}", json!(active_users()));
        // elif (len(usr_input) > 0) and (usr_input[0] == '@'):
        } else if let Some(usr_input) = usr_input.strip_prefix('@') {
            // temp = usr_input.split(':')
            // receiving_client = temp[0][1:].strip(), msg = ':'.join(temp[1:])
            let (receiving_client, msg) = usr_input.split_once(':').unwrap_or((usr_input, ""));
            let receiving_client = receiving_client.trim();
            // if receiving_client in ACTIVE_USERS:
            let active_users = active_users();
            if let Some(said) = active_users.get(receiving_client) {
                // ip_address = ACTIVE_USERS[receiving_client]
                let Some(ip_address) = address_in(said) else {
                    eprintln!(
                        "chatclient: {receiving_client}: the server says that it is at {said}, which is no IP address"
                    );
                    continue;
                };
                // UDP_SOCKET.sendto(msg, (ip_address, PORT))
                // Marker 10: send `msg` to the receiving client: its `ip_address`, our `port`.
                // ==== fill in here: send-udp ====
                let sent = udp_socket.send_to(msg.as_bytes(), (ip_address, port));
                // ==== end: send-udp ====
                if let Err(error) = sent {
                    eprintln!("chatclient: {receiving_client}: {ip_address}:{port}: {error}");
                }
                if active_users.values().filter(|ip| *ip == said).count() > 1 {
                    eprintln!("chatclient: {receiving_client}: {SHARED}");
                }
            } else {
                println!("{receiving_client} is not registered");
            }
        // elif len(usr_input) > 0:
        } else if !usr_input.is_empty() {
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

// ---- What Python has built in ----

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
        let is_short = self.bytes.len() < LONGEST;
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

/// The IP address in an entry of the roster, if there is one.
fn address_in(said: &Value) -> Option<IpAddr> {
    said.as_str()?.parse().ok()
}

/// A copy of the active users.
fn active_users() -> Users {
    ACTIVE_USERS.lock().unwrap().clone().unwrap_or_default()
}

/// Prints the prompt and reads a line without its end; `None` at the end of input.
fn input(prompt: &str) -> Option<String> {
    print!("{prompt}");
    let _ = io::stdout().flush(); // nobody may be reading
    let mut line = Vec::new();
    if io::stdin().lock().read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        return Some(String::from_utf8_lossy(line).into_owned());
    }
    None
}

/// The name of this host.
fn gethostname() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname");
    name.map_or("localhost".to_owned(), |name| name.trim().to_owned())
}

/// Finds the IPv4 address (AF_INET) of a host.
fn gethostbyname(name: &str) -> io::Result<IpAddr> {
    let remedy = |error| io::Error::other(format!("{error}; give 127.0.0.1 127.0.0.11, say"));
    let mut addresses = (name, 0).to_socket_addrs().map_err(remedy)?.map(|address| address.ip());
    addresses.find(IpAddr::is_ipv4).ok_or_else(|| io::Error::other("it has no IPv4 address"))
}

/// Reads `[SERVER [CLIENT_IP [PORT]]]` from the command line; says what is wrong with anything else.
fn arguments() -> (String, String, u16) {
    let mut words: Vec<String> =
        env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let defaults = [SERVER.to_owned(), gethostname(), PORT.to_string()];
    if words.iter().any(|word| word == "-h" || word == "--help") {
        println!("{USAGE}\ndefault: {}", defaults.join(" "));
        process::exit(0);
    }
    if let Some(option) = words.iter().find(|word| word.starts_with('-')) {
        refuse(format!("there is no option {option:?}"));
    }
    if let Some(surplus) = words.get(defaults.len()) {
        refuse(format!("only SERVER, CLIENT_IP and PORT are expected, not {surplus:?}"));
    }
    words.extend_from_slice(&defaults[words.len()..]);
    match words[2].parse() {
        Ok(port) => (mem::take(&mut words[0]), mem::take(&mut words[1]), port),
        Err(_) => {
            refuse(format!("{:?} is not a port: a number from 0 to 65535 is expected", words[2]))
        }
    }
}

/// Ends the program because of its command line.
fn refuse(cause: String) -> ! {
    eprintln!("chatclient: {cause}\n{USAGE}");
    process::exit(2)
}

/// Ends the program because of an error.
fn fail(peer: &str, port: u16, error: &io::Error) -> ! {
    let cause = match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            "connection refused: the host answers, but no program there listens at this port; \
             start the server first, or give its address and PORT"
        }
        io::ErrorKind::AddrInUse => {
            "UDP address in use: on one host each client needs a CLIENT_IP of its own, such as \
             127.0.0.11, 127.0.0.12, …"
        }
        io::ErrorKind::AddrNotAvailable => "address not available: give a CLIENT_IP of this host",
        _ => &error.to_string(),
    };
    eprintln!("chatclient: {peer}:{port}: {cause}");
    process::exit(1)
}
