// Generated from src/bin/chatclient_auth.rs by `make gen`.
//! chatclient_auth -- the chat client of lab 7, which proves who it is before it chats.
//!
//! usage:    chatclient_auth [SERVER [CLIENT_IP [PORT]]]
//! default:  chat.ttm4200.com, this host's own address, 5000
//! needs:    CHAT_CA=chat/ca.pem, where `make certificate` has made the server's certificate
//! mirrors:  chatclient_auth.py, function by function; what is new comes first
//! departs:  as chatclient.rs does

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::process::{self, Command};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};
use std::{env, fs, mem, thread};

use native_tls::{Certificate, HandshakeError, Protocol, TlsConnector};
use serde_json::{Deserializer, Value, json};

const USAGE: &str = "usage: chatclient_auth [SERVER [CLIENT_IP [PORT]]]";
const VARIABLE: &str = "CHAT_CA  a PEM file with one more issuer of certificates to trust";
const SERVER: &str = "chat.ttm4200.com";
const PORT: u16 = 5000; // the login is at the port behind it
const RECV_BUFFER: usize = 1024;
const LOGIN_TIME: Duration = Duration::from_secs(15);
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
    ctrlc::set_handler(goodbye).expect("the first handler is always accepted");
    let connector = connector();
    let server_ip = gethostbyname(&server_name);
    let server_ip = server_ip.unwrap_or_else(|error| fail(&server_name, port, &error));
    let client_ip = gethostbyname(&client_name);
    let client_ip = client_ip.unwrap_or_else(|error| fail(&client_name, port, &error));
    let udp_socket = UdpSocket::bind((client_ip, port));
    let udp_socket = udp_socket.unwrap_or_else(|error| fail(&client_name, port, &error));
    let chat = |login: Login| connect_and_listen(login, server_ip, port, &udp_socket);
    let Some((name, password)) = name_and_password() else { return };
    let logged_in = log_in(&server_name, (server_ip, port + 1).into(), &connector, name, &password);
    logged_in.and_then(chat).unwrap_or_else(|error| {
        // print("could not connect to chat server...")
        println!("could not connect to chat server...");
        fail(&server_name, port, &error)
    });
}

/// What a login gives: a name, and the ticket that lets it into the chat.
struct Login {
    name: String,
    ticket: String,
}

/// Proves over TLS who the user is.
fn log_in(
    server_name: &str,
    login_address: SocketAddr,
    connector: &TlsConnector,
    name: String,
    password: &str,
) -> io::Result<Login> {
    // LOGIN_SOCKET.connect((SERVER_IP, PORT + 1))
    // A TCP socket that is connected to `login_address`. LOGIN_TIME is how long to wait at most.
    // ==== fill in here: login-socket ====
    let login_socket: TcpStream = todo!("login-socket");
    // ==== end: login-socket ====
    let login_socket = Patient { socket: login_socket, until: Instant::now() + LOGIN_TIME };
    // wrap_socket = CONTEXT.wrap_socket(LOGIN_SOCKET, server_hostname=SERVER)
    // Shake hands: the server proves with a certificate that it is `server_name`.
    // ==== fill in here: tls ====
    let mut wrap_socket: native_tls::TlsStream<Patient> = todo!("tls");
    // ==== end: tls ====
    // wrap_socket.sendall(f"{name}\n{password}\n".encode("utf-8"))
    // Say who you are, in two lines.
    // ==== fill in here: password ====
    todo!("password");
    // ==== end: password ====
    let answer = receive_line(&mut wrap_socket)?;
    // if not answer.startswith("TICKET "): raise OSError(answer)
    // ticket = answer.removeprefix("TICKET ")
    // The ticket is what stands behind `TICKET ` in the answer. Anything else is a refusal.
    // ==== fill in here: ticket ====
    let ticket: &str = todo!("ticket");
    // ==== end: ticket ====
    Ok(Login { name, ticket: ticket.to_owned() })
}

/// Connects to the chat, then keeps listening, and sends whenever there is an input.
fn connect_and_listen(
    login: Login,
    server_ip: IpAddr,
    port: u16,
    udp_socket: &UdpSocket,
) -> io::Result<()> {
    let Login { name, ticket } = login;
    // TCP_SOCKET.connect((SERVER_IP, PORT))
    let mut tcp_socket = TcpStream::connect((server_ip, port))?;
    // TCP_SOCKET.sendall(f"{name} {ticket}\n".encode("utf-8"))
    // Show the ticket: one line, with the name in front of it.
    // ==== fill in here: send-ticket ====
    todo!("send-ticket");
    // ==== end: send-ticket ====
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

// ---- The chat, as it is in chatclient.rs ----

/// Updates the active users; false if this is no roster.
fn update_active_users(msg: &str) -> bool {
    let Ok(active_users) = serde_json::from_str(&msg[1..]) else { return false };
    *ACTIVE_USERS.lock().unwrap() = Some(active_users);
    ROSTER_HAS_COME.notify_all();
    true
}

/// Gets the name of an active user from its IP address.
fn get_name_from_ip_address(ip_address: IpAddr) -> String {
    let name = active_users().into_iter().find(|(_, ip)| address_in(ip) == Some(ip_address));
    name.map_or("Non-registered".to_owned(), |(name, _)| name)
}

/// Receives messages from the server.
fn receive_tcp(mut tcp_socket: &TcpStream) {
    let mut buffer = [0; RECV_BUFFER];
    let mut inbox = Inbox::default();
    loop {
        let length = tcp_socket.read(&mut buffer);
        let Ok(length @ 1..) = length else {
            println!("\nThe chat server has closed the connection");
            process::exit(0);
        };
        // Departs from the Python, which takes what one recv brings for one message.
        inbox.bytes.extend_from_slice(&buffer[..length]);
        while let Some(msg) = inbox.next() {
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
        let received = udp_socket.recv_from(&mut buffer);
        let (length, address): (usize, SocketAddr) = match received {
            Ok(datagram) => datagram,
            Err(error) => {
                return eprintln!("chatclient_auth: no more messages from other clients: {error}");
            }
        };
        let sending_client = get_name_from_ip_address(address.ip());
        let msg = String::from_utf8_lossy(&buffer[..length]);
        println!("Incoming msg (P2P) from {sending_client}:{msg}");
    }
}

/// Sends what is typed: to the server over TCP, or to one client over UDP.
fn send(mut tcp_socket: &TcpStream, udp_socket: &UdpSocket, port: u16) {
    // Departs from the Python: a message sent too soon would be taken for a part of the name.
    drop(ROSTER_HAS_COME.wait_while(ACTIVE_USERS.lock().unwrap(), |users| users.is_none()));
    while let Some(usr_input) = input(">") {
        if usr_input == "#ls" {
            println!("{}", json!(active_users()));
        } else if let Some(usr_input) = usr_input.strip_prefix('@') {
            let (receiving_client, msg) = usr_input.split_once(':').unwrap_or((usr_input, ""));
            let receiving_client = receiving_client.trim();
            let active_users = active_users();
            if let Some(said) = active_users.get(receiving_client) {
                let Some(ip_address) = address_in(said) else {
                    eprintln!(
                        "chatclient_auth: {receiving_client}: the server says that it is at {said}, which is no IP address"
                    );
                    continue;
                };
                let sent = udp_socket.send_to(msg.as_bytes(), (ip_address, port));
                if let Err(error) = sent {
                    eprintln!("chatclient_auth: {receiving_client}: {ip_address}:{port}: {error}");
                }
                if active_users.values().filter(|ip| *ip == said).count() > 1 {
                    eprintln!("chatclient_auth: {receiving_client}: {SHARED}");
                }
            } else {
                println!("{receiving_client} is not registered");
            }
        } else if !usr_input.is_empty() {
            let _ = tcp_socket.write_all(usr_input.as_bytes());
        }
    }
    let _ = tcp_socket.shutdown(Shutdown::Write); // the end of the input; the server may have gone
    process::exit(0);
}

// ---- What Python has built in ----

/// Asks for the user's name and password; `None` at the end of input.
fn name_and_password() -> Option<(String, String)> {
    // name = input("First enter your name to register it in the server: ")
    let mut name = String::new();
    while name.is_empty() {
        name = input("First enter your name to register it in the server: ")?;
    }
    // password = getpass.getpass("Password: ")
    let is_terminal = io::stdin().is_terminal();
    if is_terminal && !echo("-echo") {
        refuse("stty cannot hide what is typed here".to_owned());
    }
    let password = input("Password: ");
    if is_terminal {
        echo("echo");
        println!();
    }
    Some((name, password?))
}

/// Lets the terminal show what is typed, or not; says whether it does as it is told.
fn echo(setting: &str) -> bool {
    Command::new("stty").arg(setting).status().is_ok_and(|status| status.success())
}

/// Ends the program at Ctrl-C; the kernel closes its sockets.
fn goodbye() {
    if io::stdin().is_terminal() {
        echo("echo"); // it may have been switched off
    }
    process::exit(0);
}

/// How to verify certificates: with the issuers this host trusts, and that of CHAT_CA.
fn connector() -> TlsConnector {
    let mut context = TlsConnector::builder();
    context.min_protocol_version(Some(Protocol::Tlsv12));
    if let Some(file) = env::var_os("CHAT_CA") {
        let file = file.to_string_lossy();
        let text =
            fs::read(&*file).unwrap_or_else(|error| refuse(format!("CHAT_CA: {file}: {error}")));
        match Certificate::from_pem(&text) {
            Ok(issuer) => context.add_root_certificate(issuer),
            Err(_) => refuse(format!("CHAT_CA: there is no certificate in {file:?}")),
        };
    }
    context.build().unwrap_or_else(|error| refuse(format!("CHAT_CA: {error}")))
}

/// What the server said instead of a ticket; it may have repeated the password.
fn refused(answer: &str, password: &str) -> io::Error {
    let said = answer.strip_prefix("REFUSED ").unwrap_or(answer);
    let said = if password.is_empty() { said.to_owned() } else { said.replace(password, "****") };
    io::Error::other(format!("the server refuses the login: {}", said.escape_debug()))
}

/// A socket that waits until a moment and no longer. The timeouts of std begin anew with each piece
/// that comes, so a server that sends a byte now and then could keep us for ever.
struct Patient {
    socket: TcpStream,
    until: Instant,
}

impl Patient {
    fn left(&self) -> io::Result<Option<Duration>> {
        match self.until.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
            left => Ok(Some(left)),
        }
    }
}

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(self.left()?)?;
        self.socket.read(buffer).map_err(timed_out)
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(self.left()?)?;
        self.socket.write(bytes).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// TLS would take WouldBlock for a pause, not for the end of all patience.
fn timed_out(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock { io::ErrorKind::TimedOut.into() } else { error }
}

/// Why the handshake failed: of what OpenSSL says, the words that matter.
fn no_tls(error: HandshakeError<Patient>) -> io::Error {
    let HandshakeError::Failure(error) = error else { return io::ErrorKind::TimedOut.into() };
    let text = error.to_string();
    let below = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    let cause = match (below, text.split_once(" (")) {
        (Some(below), _) => below.to_string(),
        (None, Some((_, cause))) => {
            let cause = cause.trim_end_matches(')');
            format!("certificate: {cause}; CHAT_CA names the file with its issuer")
        }
        (None, None) => text.split(':').nth(4).unwrap_or(&text).to_owned(),
    };
    io::Error::other(format!("no TLS, so nothing secret was sent: {cause}"))
}

/// Reads a line byte by byte, without its end.
fn receive_line(socket: &mut impl Read) -> io::Result<String> {
    let mut line = Vec::new();
    while line.len() < RECV_BUFFER {
        let mut byte = [0];
        match socket.read(&mut byte)? {
            0 => return Err(io::Error::other("the server has closed the login without an answer")),
            _ if byte == *b"\n" => {
                let line = line.strip_suffix(b"\r").unwrap_or(&line);
                return Ok(String::from_utf8_lossy(line).into_owned());
            }
            _ => line.extend(byte),
        }
    }
    Err(io::Error::other(format!("the server sent a line of over {RECV_BUFFER} bytes")))
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
    let mut addresses = (name, 0).to_socket_addrs()?.map(|address| address.ip());
    addresses.find(IpAddr::is_ipv4).ok_or_else(|| io::Error::other("it has no IPv4 address"))
}

/// Reads `[SERVER [CLIENT_IP [PORT]]]` from the command line; says what is wrong with anything else.
fn arguments() -> (String, String, u16) {
    let mut words: Vec<String> =
        env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let defaults = [SERVER.to_owned(), gethostname(), PORT.to_string()];
    if words.iter().any(|word| word == "-h" || word == "--help") {
        println!("{USAGE}\ndefault: {}\n{VARIABLE}", defaults.join(" "));
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
        Ok(port) if port < u16::MAX => (mem::take(&mut words[0]), mem::take(&mut words[1]), port),
        _ => refuse(format!("{:?} is not a port: a number from 0 to 65534 is expected", words[2])),
    }
}

/// Ends the program because of its command line.
fn refuse(cause: String) -> ! {
    eprintln!("chatclient_auth: {cause}\n{USAGE}");
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
    eprintln!("chatclient_auth: {peer}:{port}: {cause}");
    process::exit(1)
}
