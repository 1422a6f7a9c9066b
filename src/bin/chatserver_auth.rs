//! chatserver_auth -- the chat server of lab 7, for registered users only.
//!
//! usage:    chatserver_auth [ADDRESS [PORT]]    default: this host's own address, 5000
//!           chatserver_auth register NAME       asks for the password, adds the user to chat/users
//! needs:    chat/server.pem, chat/server-key.pem: `make certificate` makes them
//! mirrors:  chatserver_auth.py, function by function; what is new comes first
//! departs:  argon2 takes the place of scrypt; chatserver.rs says what else

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::process::{self, Command};
use std::sync::{Arc, Condvar, LazyLock, Mutex};
use std::time::{Duration, Instant};
use std::{env, mem, thread};

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use base64::prelude::{BASE64_STANDARD, Engine};
use native_tls::{HandshakeError, Identity, Protocol, TlsAcceptor};
use serde_json::json;

const USAGE: &str = "usage: chatserver_auth [ADDRESS [PORT]]\n       chatserver_auth register NAME";
const PORT: u16 = 5000; // logins come to the port behind it
const USERS: &str = "chat/users"; // a line NAME:HASH for each
const CERTIFICATE: &str = "chat/server.pem";
const KEY: &str = "chat/server-key.pem";
const SHORTEST_PASSWORD: usize = 8;
const RECV_BUFFER: usize = 1024;
const PATIENCE: Duration = Duration::from_secs(1);
const LOGIN_TIME: Duration = Duration::from_secs(10); // to say who one is
const TICKET_TIME: Duration = Duration::from_secs(10); // to come to the chat with a ticket
const PAUSE: Duration = Duration::from_secs(1); // between two guesses at one name from one address
const MOST_WAITING: u32 = 5; // guesses that wait for their turn; others are refused
const STACK_SIZE: usize = 256 * 1024; // a thread for every client, and there may be thousands

// Locks: held for a moment, never two at once, never across a send or a pause; no panic while one
// is held. Only a client's own, `sending`, is held while something is sent, to this client, and
// HASHING while a hash is computed.
/// Maps the name to the IP address.
static ACTIVE_USERS: Mutex<BTreeMap<String, IpAddr>> = Mutex::new(BTreeMap::new());
/// Maps the socket, by its descriptor, to the client and so to the name.
static SOCKETS: Mutex<BTreeMap<RawFd, Arc<Client>>> = Mutex::new(BTreeMap::new());
/// Maps the ticket to what it is good for.
static TICKETS: Mutex<BTreeMap<String, Ticket>> = Mutex::new(BTreeMap::new());
/// Maps the name that is guessed at, and the address of who guesses, to the next one's turn.
static GUESSES: Mutex<BTreeMap<(String, IpAddr), Instant>> = Mutex::new(BTreeMap::new());
/// Each hash takes 19 MiB of memory: one at a time.
static HASHING: Mutex<()> = Mutex::new(());
/// The hash that stands for that of a user who is not registered; nobody has its password.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    random().and_then(|password| hash(&password)).expect("the system has numbers")
});
static ROSTERS: Mutex<Rosters> = Mutex::new(Rosters { made: 0, sent: 0, one_goes_out: false });
static ALL_SENT: Condvar = Condvar::new();

struct Client {
    name: String,
    socket: TcpStream,
    /// Held while a message goes out: two messages never mix.
    sending: Mutex<()>,
}

/// What a right password is given for: to be shown once, by whom, from where, and until when.
struct Ticket {
    name: String,
    ip_address: IpAddr,
    until: Instant,
}

fn main() {
    ctrlc::set_handler(goodbye).expect("the first handler of this process is always accepted");
    let words: Vec<String> =
        env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let done = match words.as_slice() {
        [command, name] if command == "register" => {
            enroll(name).map_err(|error| format!("{name}: {error}"))
        }
        [command, ..] if command == "register" => refuse("register takes one NAME".to_owned()),
        _ => {
            let (server_name, port) = arguments(&words, &gethostname(), PORT);
            let ended = run_server(&server_name, port);
            ended.map_err(|error| format!("{server_name}:{port}: {}", explain(&error)))
        }
    };
    if let Err(cause) = done {
        eprintln!("chatserver_auth: {cause}");
        process::exit(1);
    }
}

/// Asks for the password of a new user, and stores its hash.
fn enroll(name: &str) -> io::Result<()> {
    check_name(name).map_err(io::Error::other)?;
    let password = getpass("Password: ")?;
    if password.len() < SHORTEST_PASSWORD || password.len() > RECV_BUFFER / 2 {
        let most = RECV_BUFFER / 2;
        let wanted = format!("a password has {SHORTEST_PASSWORD} to {most} bytes");
        return Err(io::Error::other(wanted));
    }
    if getpass("Once more: ")? != password {
        return Err(io::Error::other("these were two different passwords"));
    }
    let hash = hash(&password)?;
    add_user(name, &hash)?;
    println!("{name} is registered");
    Ok(())
}

/// What is stored instead of a password: a hash with a salt of its own, as one word.
fn hash(password: &str) -> io::Result<String> {
    let argon2 = Argon2::default();
    // salt = os.urandom(16)
    // return f"{salt.hex()}${scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1).hex()}"
    // Make a hash of `password` with a new salt. As a text it also says how it was made.
    // ==== fill in here: hash ====
    //| let hash: String = todo!("hash");
    let hash = argon2.hash_password(password.as_bytes()).map_err(io::Error::other)?.to_string();
    // ==== end: hash ====
    Ok(hash)
}

/// Opens the server's two sockets and accepts clients without end.
fn run_server(server_name: &str, port: u16) -> io::Result<()> {
    let acceptor = acceptor()?;
    LazyLock::force(&NOBODY); // or the first to ask for it would wait longer
    let server_ip = gethostbyname(server_name)?;
    // LOGIN_SOCKET.bind((SERVER_IP, PORT + 1))
    // SERVER_SOCKET.bind((SERVER_IP, PORT))
    let (login_socket, server_socket) = bind_both(server_ip, port)?;
    if port == 0 {
        eprintln!("chatserver_auth: the kernel chose port {}", server_socket.local_addr()?.port());
    }
    println!("Waiting for connection...");
    // Thread(target=accept_logins).start()
    thread::spawn(move || without_end(|| accept_logins(&login_socket, &acceptor)));
    without_end(|| accept_incoming_connections(&server_socket));
    Ok(())
}

/// Accepts clients that want to log in, and makes a thread for every one.
fn accept_logins(login_socket: &TcpListener, acceptor: &TlsAcceptor) -> io::Result<()> {
    loop {
        // client_socket, client_address = LOGIN_SOCKET.accept()
        let (client_socket, client_address) = login_socket.accept()?;
        let acceptor = acceptor.clone();
        let login = move || {
            if let Err(error) = log_in(client_socket, client_address, &acceptor) {
                eprintln!("chatserver_auth: {client_address}: no login: {error}");
            }
        };
        let thread = thread::Builder::new().stack_size(STACK_SIZE);
        // Thread(target=log_in, args=(client_socket, client_address)).start()
        // Let `thread` run `login`: this loop goes back to accept, however long the client takes.
        // ==== fill in here: login-thread ====
        //| todo!("login-thread");
        thread.spawn(login)?;
        // ==== end: login-thread ====
    }
}

/// Talks to one client, over TLS: takes its name and password, and gives a ticket for the chat.
fn log_in(
    client_socket: TcpStream,
    client_address: SocketAddr,
    acceptor: &TlsAcceptor,
) -> io::Result<()> {
    let client_socket = Patient { socket: client_socket, until: Instant::now() + LOGIN_TIME };
    // wrap_socket = CONTEXT.wrap_socket(client_socket, server_side=True)
    // Shake hands: the certificate is shown, and keys are agreed on.
    // ==== fill in here: tls ====
    //| let mut wrap_socket: native_tls::TlsStream<Patient> = todo!("tls");
    let mut wrap_socket = acceptor.accept(client_socket).map_err(no_tls)?;
    // ==== end: tls ====
    let name = receive_line(&mut wrap_socket)?;
    let password = receive_line(&mut wrap_socket)?;
    let ip_address = client_address.ip();
    let answer = match turn(&name, ip_address) {
        None => "REFUSED too many guesses are waiting: try again later\n".to_owned(),
        Some(wait) => {
            // time.sleep(wait)
            // Let others be quicker with their next guess: this one waits for its turn.
            // ==== fill in here: slow ====
            //| todo!("slow");
            thread::sleep(wait);
            // ==== end: slow ====
            match is_right(&name, &password)? {
                true => format!("TICKET {}\n", issue(&name, ip_address)?),
                false => "REFUSED the name or the password is wrong\n".to_owned(),
            }
        }
    };
    wrap_socket.get_mut().until = Instant::now() + LOGIN_TIME; // its turn was long in coming
    wrap_socket.write_all(answer.as_bytes())?;
    let _ = wrap_socket.shutdown(); // the client has its answer, and may have gone
    Ok(())
}

/// Whether a user of this name is registered, and this is the password.
fn is_right(name: &str, password: &str) -> io::Result<bool> {
    let users = users()?;
    let nobody = &*NOBODY;
    let argon2 = Argon2::default();
    let _alone = HASHING.lock().unwrap();
    // stored = users.get(name, NOBODY)
    // return compare_digest(stored, hash(password, salt_of(stored)))
    // Verify the password against the user's hash in `users`. For an unknown user there is the same
    // work to do: `nobody` is a hash, too.
    // ==== fill in here: password ====
    //| let right: bool = todo!("password");
    let stored = users.get(name).unwrap_or(nobody);
    let right = argon2.verify_password(password.as_bytes(), stored.as_str()).is_ok();
    // ==== end: password ====
    Ok(right)
}

/// Gives a user a ticket for the chat.
fn issue(name: &str, ip_address: IpAddr) -> io::Result<String> {
    let ticket = random()?;
    let now = Instant::now();
    TICKETS.lock().unwrap().retain(|_, ticket| ticket.until > now); // those that nobody used
    GUESSES.lock().unwrap().remove(&(name.to_owned(), ip_address)); // this one knew it
    // TICKETS[ticket] = (name, ip_address, time.monotonic() + TICKET_TIME)
    // Store what the ticket is good for: this name, this address, and until TICKET_TIME is over.
    // ==== fill in here: issue-ticket ====
    //| todo!("issue-ticket");
    let good_for = Ticket { name: name.to_owned(), ip_address, until: now + TICKET_TIME };
    TICKETS.lock().unwrap().insert(ticket.clone(), good_for);
    // ==== end: issue-ticket ====
    Ok(ticket)
}

/// Takes a ticket, and says whether it lets a client with this name and this address in.
fn redeem(ticket: &str, name: &str, ip_address: IpAddr) -> bool {
    // good_for = TICKETS.pop(ticket, (None, None, 0))
    // return good_for[:2] == (name, ip_address) and time.monotonic() < good_for[2]
    // Take the ticket out, whoever shows it, so that nobody can show it again. Then look at all
    // that it is good for.
    // ==== fill in here: redeem-ticket ====
    //| let good: bool = todo!("redeem-ticket");
    let good_for = TICKETS.lock().unwrap().remove(ticket);
    let good = good_for.is_some_and(|good_for| {
        good_for.name == name
            && good_for.ip_address == ip_address
            && Instant::now() < good_for.until
    });
    // ==== end: redeem-ticket ====
    good
}

// ---- The chat, as it is in chatserver.rs ----

/// Accepts connections from clients and makes a thread for every client.
fn accept_incoming_connections(server_socket: &TcpListener) -> io::Result<()> {
    loop {
        let (client_socket, client_address) = server_socket.accept()?;
        let thread = thread::Builder::new().stack_size(STACK_SIZE);
        thread.spawn(move || match register(client_socket, client_address) {
            Ok(client) => handle_client(&client),
            Err(error) => {
                let _ = writeln!(io::stdout(), "Error connecting to a client");
                eprintln!("chatserver_auth: {client_address}: {}", explain(&error));
            }
        })?;
    }
}

/// Receives a client's name and ticket, and stores the name.
fn register(client_socket: TcpStream, client_address: SocketAddr) -> io::Result<Arc<Client>> {
    client_socket.set_nodelay(true)?; // Nagle would hold a second message back for 40 ms
    // name, ticket = receive_line(client_socket).split(" ")
    let mut client_socket = Patient { socket: client_socket, until: Instant::now() + LOGIN_TIME };
    let line = receive_line(&mut client_socket)?;
    let mut client_socket = client_socket.socket;
    client_socket.set_read_timeout(None)?;
    client_socket.set_write_timeout(Some(PATIENCE))?;
    let (name, ticket) = line.split_once(' ').unwrap_or((&line, ""));
    let ip_address = client_address.ip();
    // if not redeem(ticket, name, client_address[0]):
    let claimed = match redeem(ticket, name, ip_address) {
        false => Err("its ticket is not good: log in for a new one"),
        true => claim(name, ip_address),
    };
    if let Err(why) = claimed {
        let sentence = format!("Your name is refused: {why}\n");
        let _ = client_socket.write_all(sentence.as_bytes()); // the client may have gone
        return Err(io::Error::other(format!("its name is refused: {why}")));
    }
    let name = name.to_owned();
    let client = Arc::new(Client { name, socket: client_socket, sending: Mutex::new(()) });
    SOCKETS.lock().unwrap().insert(client.socket.as_raw_fd(), Arc::clone(&client));
    let line = format!("{} with IP address:{ip_address}, has connected\n", client.name);
    let _ = writeln!(io::stdout(), "{line}"); // nobody may be reading
    broadcast_active_users();
    Ok(client)
}

/// Receives what one client says and sends it to the others, until the client leaves.
fn handle_client(client: &Arc<Client>) {
    let mut client_socket = &client.socket;
    let mut buffer = [0; RECV_BUFFER];
    let mut received = Vec::new();
    loop {
        let length = client_socket.read(&mut buffer);
        let Ok(length @ 1..) = length else {
            // The socket is closed when the last thread that sends to it lets go of it.
            ACTIVE_USERS.lock().unwrap().remove(&client.name);
            SOCKETS.lock().unwrap().remove(&client.socket.as_raw_fd());
            broadcast_active_users();
            return;
        };
        received.extend_from_slice(&buffer[..length]);
        let Some(msg) = decode(&mut received) else { continue };
        // Departs from the Python: a message ends in a newline, and has no other.
        let msg = format!("{}: {} \n", client.name, msg.replace('\n', " "));
        broadcast_msg(client, &msg);
    }
}

/// Sends a message to every client, except the sending client.
fn broadcast_msg(sending_client: &Arc<Client>, msg: &str) {
    let msg = msg.as_bytes();
    let clients: Vec<_> = SOCKETS.lock().unwrap().values().cloned().collect();
    for client_socket in clients {
        if !Arc::ptr_eq(&client_socket, sending_client) {
            client_socket.send(msg);
            // `send` closes a socket that fails. That wakes its own thread, which does the rest.
        }
    }
}

/// Sends the current active users to all clients. Called when a change was made.
fn broadcast_active_users() {
    // Departs from the Python, which sends a roster for every change: this one may be in another's.
    let Some(version) = turn_to_send() else { return };
    // Copied before ACTIVE_USERS is: whoever gets a roster is in it.
    let clients: Vec<_> = SOCKETS.lock().unwrap().values().cloned().collect();
    let active_users = ACTIVE_USERS.lock().unwrap().clone();
    let active_users = format!("!{}\n", json!(active_users)).into_bytes();
    for client_socket in clients {
        client_socket.send(&active_users);
    }
    all_sent(version);
}

// ---- What Python has built in ----

/// Rosters that many threads want to send at one time, as a database commits: in groups.
struct Rosters {
    /// The version of ACTIVE_USERS that was made last, and the one that has gone out last.
    made: u64,
    sent: u64,
    one_goes_out: bool,
}

/// Waits while a roster goes out. Then it is this thread's turn to send the present version, unless
/// somebody else has sent the one that it has made, or a later one.
fn turn_to_send() -> Option<u64> {
    let mut rosters = ROSTERS.lock().unwrap();
    rosters.made += 1;
    let version = rosters.made;
    let is_to_wait = |rosters: &mut Rosters| rosters.one_goes_out && rosters.sent < version;
    let mut rosters = ALL_SENT.wait_while(rosters, is_to_wait).unwrap(); // without the lock
    if rosters.sent >= version {
        return None;
    }
    rosters.one_goes_out = true;
    Some(rosters.made)
}

/// Lets those go on who have waited while this version went out.
fn all_sent(version: u64) {
    let mut rosters = ROSTERS.lock().unwrap();
    rosters.sent = version;
    rosters.one_goes_out = false;
    ALL_SENT.notify_all();
}

impl Client {
    /// Sends all of a message, or closes the socket: `write` stops halfway only when PATIENCE is
    /// over, and nothing may follow half a message.
    fn send(&self, msg: &[u8]) {
        let _alone = self.sending.lock().unwrap();
        match (&self.socket).write(msg) {
            Ok(length) if length == msg.len() => return,
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => {} // the client has gone
            _ => {
                let name = &self.name;
                let _ = writeln!(
                    io::stderr(),
                    "chatserver_auth: {name}: cut off, it has not read for 1 s"
                );
            }
        }
        let _ = self.socket.shutdown(Shutdown::Both); // it may be closed already
    }
}

/// Stores a name and its IP address in ACTIVE_USERS, or says why that cannot be.
fn claim(name: &str, ip_address: IpAddr) -> Result<(), &'static str> {
    match ACTIVE_USERS.lock().unwrap().entry(name.to_owned()) {
        Entry::Occupied(_) => Err("somebody has it"),
        Entry::Vacant(free) => {
            free.insert(ip_address);
            Ok(())
        }
    }
}

/// Takes the text out of what was received; a character that was cut at the end waits for its rest.
fn decode(received: &mut Vec<u8>) -> Option<String> {
    let whole = match str::from_utf8(received) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => received.len(),
    };
    let rest = received.split_off(whole);
    let text = mem::replace(received, rest);
    (whole > 0).then(|| String::from_utf8_lossy(&text).into_owned())
}

// ---- Users, tickets and certificates ----

/// Says why this cannot be a user's name, if it cannot.
fn check_name(name: &str) -> Result<(), &'static str> {
    let unfit = |c: char| c == ':' || c == '\u{fffd}' || c.is_whitespace() || c.is_control();
    if name.is_empty() || name.len() > 32 {
        return Err("a name has 1 to 32 bytes");
    }
    if name.starts_with('!') || name.contains(unfit) {
        return Err("a name is UTF-8 without white space, control characters, : and ! in front");
    }
    Ok(())
}

/// All users and their hashes; none if nobody is registered yet.
fn users() -> io::Result<BTreeMap<String, String>> {
    match fs::read_to_string(USERS) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(USERS)(error)),
        text => {
            let text = text.unwrap_or_default();
            let users = text.lines().filter_map(|line| line.split_once(':'));
            Ok(users.map(|(name, hash)| (name.to_owned(), hash.to_owned())).collect())
        }
    }
}

/// Adds a user. The file is written anew beside the old one, and then takes its place: whoever
/// reads it meanwhile reads it whole.
fn add_user(name: &str, hash: &str) -> io::Result<()> {
    let half = format!("{USERS}.new");
    fs::create_dir_all("chat").map_err(at("chat"))?;
    // Only one can make this file, so two who register at the same time do not lose each other.
    let half_made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half);
    let mut file = half_made.map_err(at(&half))?;
    let mut add = || {
        let mut users = users()?;
        if users.insert(name.to_owned(), hash.to_owned()).is_some() {
            return Err(io::Error::other("somebody of this name is registered"));
        }
        let lines: String = users.iter().map(|(name, hash)| format!("{name}:{hash}\n")).collect();
        file.write_all(lines.as_bytes())?;
        file.sync_all()?;
        fs::rename(&half, USERS)
    };
    let added = add();
    if added.is_err() {
        let _ = fs::remove_file(&half); // that it could not be added is what is said
    }
    added
}

/// The sockets at the port behind this one and at this one. Where the kernel is to choose, it chooses
/// again if the other port of the pair is somebody's.
fn bind_both(server_ip: IpAddr, port: u16) -> io::Result<(TcpListener, TcpListener)> {
    const TRIES: usize = 100;
    for tries_left in (0..TRIES).rev() {
        let login_port = if port == 0 { 0 } else { port + 1 };
        let login_socket = TcpListener::bind((server_ip, login_port))?;
        let server_port = login_socket.local_addr()?.port() - 1;
        match TcpListener::bind((server_ip, server_port)) {
            Err(_) if port == 0 && tries_left > 0 => {}
            server_socket => return Ok((login_socket, server_socket?)),
        }
    }
    unreachable!("the last try returns")
}

/// How long a guess has to wait for its turn; `None` if too many wait already.
fn turn(name: &str, ip_address: IpAddr) -> Option<Duration> {
    let now = Instant::now();
    let mut guesses = GUESSES.lock().unwrap();
    guesses.retain(|_, next| *next > now); // nobody is remembered for longer than needed
    let next = guesses.entry((name.to_owned(), ip_address)).or_insert(now);
    let wait = next.duration_since(now);
    if wait > MOST_WAITING * PAUSE {
        return None;
    }
    *next += PAUSE;
    Some(wait)
}

/// 192 random bits of the system's, as 32 letters.
fn random() -> io::Result<String> {
    let mut bytes = [0; 24];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(BASE64_STANDARD.encode(bytes))
}

/// Reads the server's certificate and its key.
fn acceptor() -> io::Result<TlsAcceptor> {
    let certificate = fs::read(CERTIFICATE).map_err(at(CERTIFICATE))?;
    let key = fs::read(KEY).map_err(at(KEY))?;
    let identity = Identity::from_pkcs8(&certificate, &key).map_err(io::Error::other)?;
    let mut context = TlsAcceptor::builder(identity);
    context.min_protocol_version(Some(Protocol::Tlsv12));
    context.build().map_err(io::Error::other)
}

/// Names the file that an error is about, and the remedy for the usual ones.
fn at(file: &str) -> impl Fn(io::Error) -> io::Error {
    move |error| {
        let remedy = match error.kind() {
            io::ErrorKind::NotFound if file != "chat" => ": `make certificate` makes one",
            io::ErrorKind::AlreadyExists => {
                ": somebody is being registered right now; if not, remove this file"
            }
            _ => "",
        };
        io::Error::other(format!("{file}: {error}{remedy}"))
    }
}

/// A socket that waits until a moment and no longer. The timeouts of std begin anew with each piece
/// that comes, so a client that sends a byte now and then could stay for ever.
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

/// Why the handshake failed.
fn no_tls(error: HandshakeError<Patient>) -> io::Error {
    match error {
        HandshakeError::Failure(error) => io::Error::other(error),
        HandshakeError::WouldBlock(_) => io::ErrorKind::TimedOut.into(),
    }
}

/// Reads a line byte by byte, without its end: what comes behind it is left for whoever reads next.
fn receive_line(socket: &mut impl Read) -> io::Result<String> {
    let mut line = Vec::new();
    while line.len() < RECV_BUFFER {
        let mut byte = [0];
        match socket.read(&mut byte)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            _ if byte == *b"\n" => {
                let line = line.strip_suffix(b"\r").unwrap_or(&line);
                return Ok(String::from_utf8_lossy(line).into_owned());
            }
            _ => line.extend(byte),
        }
    }
    Err(io::Error::other(format!("a line of over {RECV_BUFFER} bytes")))
}

/// Reads a line of the standard input. A terminal does not show what is typed.
fn getpass(prompt: &str) -> io::Result<String> {
    let is_terminal = io::stdin().is_terminal();
    if is_terminal && !echo("-echo") {
        return Err(io::Error::other("stty cannot hide what is typed here"));
    }
    print!("{prompt}");
    io::stdout().flush()?;
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    if is_terminal {
        echo("echo");
        println!();
    }
    read?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Lets the terminal show what is typed, or not; says whether it does as it is told.
fn echo(setting: &str) -> bool {
    Command::new("stty").arg(setting).status().is_ok_and(|status| status.success())
}

/// Does this again and again, though it may fail.
fn without_end(serve: impl Fn() -> io::Result<()>) {
    while let Err(error) = serve() {
        eprintln!("chatserver_auth: cannot serve one more client now: {error}");
        thread::sleep(Duration::from_millis(100)); // until somebody gives a descriptor back
    }
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

/// Reads `[ADDRESS [PORT]]` from the command line; says what is wrong with anything else.
fn arguments(words: &[String], default_address: &str, default_port: u16) -> (String, u16) {
    if words.iter().any(|word| word == "-h" || word == "--help") {
        println!("{USAGE}\ndefault: {default_address} {default_port}");
        process::exit(0);
    }
    if let Some(option) = words.iter().find(|word| word.starts_with('-')) {
        refuse(format!("there is no option {option:?}"));
    }
    let (address, port) = match words {
        [] => (default_address, Ok(default_port)),
        [address] => (address.as_str(), Ok(default_port)),
        [address, port] => (address.as_str(), port.parse()),
        [_, _, surplus, ..] => {
            refuse(format!("only ADDRESS and PORT are expected, not {surplus:?}"))
        }
    };
    match port {
        Ok(port) if port < u16::MAX => (address.to_owned(), port),
        _ => refuse(format!("{:?} is not a port: a number from 0 to 65534 is expected", words[1])),
    }
}

/// Ends the program because of its command line.
fn refuse(cause: String) -> ! {
    eprintln!("chatserver_auth: {cause}\n{USAGE}");
    process::exit(2)
}

/// Ends the program at Ctrl-C; the kernel closes its sockets.
fn goodbye() {
    if env::args_os().nth(1).is_some_and(|word| word == "register") {
        if io::stdin().is_terminal() {
            echo("echo"); // it may have been switched off
        }
        process::exit(130);
    }
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
        _ => error.to_string(),
    }
}
