// Generated from src/bin/chatclient_auth.rs by `make gen`.
//! chatclient_auth -- the chat client of lab 7, which proves who it is before it chats.
//!
//! usage:    chatclient_auth [SERVER [CLIENT_IP [PORT]]]
//! default:  chat.ttm4200.com, this host's own address, 5000
//! needs:    CHAT_CA=chat/ca.pem, where `make certificate` has made the server's certificate
//! mirrors:  chatclient_auth.py, line by line; what is new comes first
//! departs:  as chatclient.rs does

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::sync::{Condvar, Mutex};
use std::time::Duration;
use std::{env, fs, mem, process, thread};

use native_tls::{Certificate, HandshakeError, Protocol, TlsConnector};
use serde_json::{Deserializer, Value, json};
use socket_labs::{Patient, Program, end_at_interrupt, gethostbyname, gethostname, getpass, input};
use socket_labs::{receive_line, say};

const USAGE: &str = "usage: chatclient_auth [SERVER [CLIENT_IP [PORT]]]";
const NOTES: &str = "\nCHAT_CA  a PEM file with the one issuer of certificates to trust\n\
                     on one host: chatclient_auth 127.0.0.1 127.0.0.11, and 127.0.0.12 for the next";
const PROGRAM: Program = Program { notes: NOTES, ..Program::new("chatclient_auth", USAGE) };
const PORT: u16 = 5000; // the login is at the port behind it
const RECV_BUFFER: usize = 1024;
// LOGIN_TIME = 15
const LOGIN_TIME: Duration = Duration::from_secs(15);

/// How to verify certificates: with the issuer of CHAT_CA alone, or with those this host trusts.
fn connector() -> TlsConnector {
    // CONTEXT = ssl.create_default_context(cafile=os.environ.get("CHAT_CA"))
    let mut context = TlsConnector::builder();
    context.min_protocol_version(Some(Protocol::Tlsv12));
    if let Some(file) = env::var_os("CHAT_CA") {
        let name = file.display();
        let text = fs::read(&file)
            .unwrap_or_else(|error| PROGRAM.refuse(format!("CHAT_CA: {name}: {error}")));
        let Ok(issuer) = Certificate::from_pem(&text) else {
            PROGRAM.refuse(format!("CHAT_CA: there is no certificate in {file:?}"))
        };
        context.disable_built_in_roots(true).add_root_certificate(issuer);
    }
    context.build().unwrap_or_else(|error| PROGRAM.refuse(format!("CHAT_CA: {error}")))
}

// def log_in(name, password):
/// Proves over TLS who the user is; gives back the ticket that lets it into the chat.
fn log_in(server_name: &str, login: SocketAddr, name: &str, password: &str) -> io::Result<String> {
    let (connector, login_address) = (connector(), login);
    // LOGIN_SOCKET = socket.create_connection((SERVER_IP, PORT + 1), LOGIN_TIME)
    // A TCP socket that is connected to `login_address`. LOGIN_TIME is how long to wait at most.
    // ==== fill in here: login-socket ====
    let login_socket: TcpStream = todo!("login-socket");
    // ==== end: login-socket ====
    let login_socket = Patient::within(LOGIN_TIME, login_socket);
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
    // answer = wrap_socket.makefile("r", encoding="utf-8").readline(RECV_BUFFER).strip("\r\n")
    let answer = receive_line(&mut wrap_socket, RECV_BUFFER).map_err(no_answer)?;
    // if not answer.startswith("TICKET "):
    // raise ConnectionError(answer.replace(password, "****"))
    // ticket = answer.removeprefix("TICKET ")
    // The ticket is what stands behind `TICKET ` in the answer. Anything else is a refusal.
    // ==== fill in here: ticket ====
    let ticket: &str = todo!("ticket");
    // ==== end: ticket ====
    // if ticket in ("", password):
    // raise ConnectionError("what the server gives is no ticket")
    // It will be sent in clear. A server may not make us send the password so.
    if ticket.is_empty() || ticket == password || (password.len() > 3 && ticket.contains(password))
    {
        return Err(io::Error::other("what the server gives is no ticket"));
    }
    // return ticket
    Ok(ticket.to_owned())
}

// def connect_and_listen():
/// The beginning of connect_and_listen: asks for name and password; `None` at the end of the input.
fn name_and_password() -> Option<(String, String)> {
    // name = input("First enter your name to register it in the server: ")
    let mut name = String::new();
    while name.is_empty() {
        name = typed("First enter your name to register it in the server: ")?;
    }
    // password = getpass.getpass("Password: ") if sys.stdin.isatty() else input("Password: ")
    let password = getpass("Password: ").unwrap_or_else(|error| PROGRAM.refuse(error))?;
    Some((name, String::from_utf8_lossy(&password).into_owned()))
}

/// The `try` of connect_and_listen: logs in, connects to the chat, and shows the ticket.
fn connect(
    server: &str,
    ip: IpAddr,
    port: u16,
    name: &str,
    password: &str,
) -> io::Result<TcpStream> {
    // ticket = log_in(name, password)
    let ticket = log_in(server, (ip, port + 1).into(), name, password)?;
    // TCP_SOCKET.connect((SERVER_IP, PORT))
    let mut tcp_socket = TcpStream::connect((ip, port))?;
    // TCP_SOCKET.sendall(f"{name} {ticket}\n".encode("utf-8"))
    // Show the ticket: one line, with the name in front of it.
    // ==== fill in here: send-ticket ====
    todo!("send-ticket");
    // ==== end: send-ticket ====
    Ok(tcp_socket)
}

/// Connects to the chat, then keeps listening, and sends whenever there is an input.
fn connect_and_listen(server: &str, server_ip: IpAddr, port: u16, udp_socket: &UdpSocket) {
    let Some((name, password)) = name_and_password() else { return };
    let connected = connect(server, server_ip, port, &name, &password);
    // except (OSError, ValueError) as error:
    let tcp_socket = connected.unwrap_or_else(|error| {
        // print("could not connect to chat server...", flush=True)
        say("could not connect to chat server...");
        // print(f"chatclient_auth.py: {error}", file=sys.stderr, flush=True)
        // os._exit(1)
        PROGRAM.fail(format!("{server}:{port}"), &error)
    });
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

fn main() {
    end_at_interrupt("");
    let [server, client, port] =
        PROGRAM.words(["chat.ttm4200.com", &gethostname(), &PORT.to_string()]);
    let port = PROGRAM.number(&port, "a port", u16::MAX - 1);
    connector(); // what is wrong with CHAT_CA is said before anybody is asked for a password
    let server_ip = gethostbyname(&server)
        .unwrap_or_else(|error| PROGRAM.fail(format!("{server}:{port}"), &error));
    let client_ip = gethostbyname(&client);
    let udp_socket = client_ip.and_then(|client_ip| UdpSocket::bind((client_ip, port)));
    let udp_socket = udp_socket
        .unwrap_or_else(|error| PROGRAM.fail(format!("{client}:{port}"), &with_client_ip(error)));
    connect_and_listen(&server, server_ip, port, &udp_socket);
}

// ---- The login's errors ----

/// What the server said instead of a ticket. It may have repeated the password: that is masked first.
fn refused(answer: &str, password: &str) -> io::Error {
    let said =
        if password.is_empty() { answer.to_owned() } else { answer.replace(password, "****") };
    let said = said.strip_prefix("REFUSED ").unwrap_or(&said);
    io::Error::other(format!("the server refuses the login: {}", said.escape_debug()))
}

/// Why there is no answer.
fn no_answer(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            io::Error::other("the server has closed the login without an answer")
        }
        io::ErrorKind::Other => io::Error::other(format!("the server sent {error}")),
        _ => error,
    }
}

/// Why the handshake failed: of what OpenSSL says, the words that matter.
fn no_tls(error: HandshakeError<Patient>) -> io::Error {
    let HandshakeError::Failure(error) = error else { return io::ErrorKind::WouldBlock.into() };
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

// ---- The chat, as it is in chatclient.rs ----

/// Maps the name to the IP address: to what the server says is one.
type Users = BTreeMap<String, Value>;
/// The last roster; `None` before the first. Locked for a moment, never across a send.
static ACTIVE_USERS: Mutex<Option<Users>> = Mutex::new(None);
static ROSTER_HAS_COME: Condvar = Condvar::new();

/// Updates the active users; false if this is no roster.
fn update_active_users(msg: &str) -> bool {
    let Ok(active_users) = serde_json::from_str(&msg[1..]) else { return false };
    *ACTIVE_USERS.lock().unwrap() = Some(active_users);
    ROSTER_HAS_COME.notify_all();
    true
}

/// Gets the name of an active user from its IP address.
fn get_name_from_ip_address(ip_address: IpAddr) -> String {
    let mut name_list =
        active_users().into_iter().filter(|(_, ip)| address(ip) == Some(ip_address));
    name_list.next().map_or("Non-registered".to_owned(), |(name, _)| name)
}

/// Receives messages from the server.
fn receive_tcp(mut tcp_socket: &TcpStream) {
    let mut buffer = [0; RECV_BUFFER];
    let mut inbox = Inbox::default();
    loop {
        let length = tcp_socket.read(&mut buffer);
        let Ok(length @ 1..) = length else { break };
        // Departs from the Python, which takes what one recv brings for one message.
        inbox.bytes.extend_from_slice(&buffer[..length]);
        while let Some(msg) = inbox.next() {
            if !(msg.starts_with('!') && update_active_users(&msg)) {
                say(format!("incoming msg from chatserver ({msg})"));
            }
        }
    }
    // At the end of what the server sends, too: it has gone.
    say("\nThe chat server has closed the connection");
    process::exit(0);
}

/// Receives messages from other clients.
fn receive_udp(udp_socket: &UdpSocket) {
    let mut buffer = [0; RECV_BUFFER];
    loop {
        let received = udp_socket.recv_from(&mut buffer);
        let (length, address): (usize, SocketAddr) = match received {
            Ok(datagram) => datagram,
            Err(error) => return PROGRAM.complain("no more messages from other clients", &error),
        };
        let ip_address = address.ip();
        let sending_client = get_name_from_ip_address(ip_address);
        let msg = String::from_utf8_lossy(&buffer[..length]);
        say(format!("Incoming msg (P2P) from {sending_client}:{msg}"));
    }
}

/// Sends what is typed: to the server over TCP, or to one client over UDP.
fn send(mut tcp_socket: &TcpStream, udp_socket: &UdpSocket, port: u16) {
    // Waits, without the lock, for a roster: a message sent too soon would be a part of the name.
    drop(ROSTER_HAS_COME.wait_while(ACTIVE_USERS.lock().unwrap(), |users| users.is_none()));
    while let Some(usr_input) = typed(">") {
        if usr_input == "#ls" {
            say(json!(active_users()));
        } else if let Some(usr_input) = usr_input.strip_prefix('@') {
            let (receiving_client, msg) = usr_input.split_once(':').unwrap_or((usr_input, ""));
            let receiving_client = receiving_client.trim();
            if let Some(user) = active_users().get(receiving_client) {
                let Some(ip_address) = address_of(receiving_client, user) else { continue };
                let sent = udp_socket.send_to(msg.as_bytes(), (ip_address, port));
                if let Err(error) = sent {
                    PROGRAM.complain(format!("{receiving_client}: {ip_address}:{port}"), &error);
                }
            } else {
                say(format!("{receiving_client} is not registered"));
            }
        } else if !usr_input.is_empty() {
            let _ = tcp_socket.write_all(usr_input.as_bytes());
        }
    }
    let _ = tcp_socket.shutdown(Shutdown::Write); // the end of the input; the server may have gone
    process::exit(0);
}

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
