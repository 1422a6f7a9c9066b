//! chatserver_auth -- the chat server of lab 7, for registered users only.
//!
//! usage:    chatserver_auth [ADDRESS [PORT]]    default: this host's own address, 5000
//!           chatserver_auth register NAME       asks for the password, adds the user to chat/users
//! needs:    chat/server.pem, chat/server-key.pem: `make certificate` makes them
//! mirrors:  chatserver_auth.py, line by line; what is new comes first
//! departs:  argon2 takes the place of scrypt; who waits for a login is counted; chatserver.rs says
//!           what else

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, mem, thread};

use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::{Algorithm, Argon2, Block, Params, PasswordHasher, Version};
use base64::prelude::{BASE64_STANDARD, Engine};
use native_tls::{HandshakeError, Identity, Protocol, TlsAcceptor, TlsConnector};
use serde_json::json;
use socket_labs::{Patient, Program, briefly, end_at_interrupt, gethostbyname, gethostname};
use socket_labs::{getpass, receive_line, say};

const USAGE: &str = "usage: chatserver_auth [ADDRESS [PORT]]\n       chatserver_auth register NAME";
const PROGRAM: Program = Program::new("chatserver_auth", USAGE);
const PORT: u16 = 5000; // logins come to the port behind it
const USERS: &str = "chat/users"; // a line NAME:HASH for each
const CERTIFICATE: &str = "chat/server.pem";
const KEY: &str = "chat/server-key.pem";
const SHORTEST_PASSWORD: usize = 8;
const RECV_BUFFER: usize = 1024;
const PATIENCE: Duration = Duration::from_secs(1); // with a client that does not read
// LOGIN_TIME = 10
const LOGIN_TIME: Duration = Duration::from_secs(10); // to say who one is
// TICKET_TIME = 10
const TICKET_TIME: Duration = Duration::from_secs(10); // to come to the chat with a ticket
// PAUSE = 1
const PAUSE: Duration = Duration::from_secs(1); // between two guesses at one name from one address
// MOST_WAITING = 5
const MOST_WAITING: u32 = 5; // guesses that wait for their turn; others are refused
const MOST_STRANGERS: usize = 200; // clients that have not said yet who they are
const MOST_FROM_ONE: usize = 50; // of them, from one address
const MOST_LINES: u32 = 20; // on stderr in a minute, about clients that were not let in
const STACK_SIZE: usize = 256 * 1024; // a thread for every client, and there may be thousands

// Locks: held for a moment, never two at once, never across a send or a pause; no panic while one
// is held. Only a client's own, `sending`, is held while something is sent, to this client.
/// Maps the name to the IP address.
static ACTIVE_USERS: Mutex<BTreeMap<String, IpAddr>> = Mutex::new(BTreeMap::new());
/// Maps the socket, by its descriptor, to the client and so to the name.
static SOCKETS: Mutex<BTreeMap<RawFd, Arc<Client>>> = Mutex::new(BTreeMap::new());
static VERSIONS: Mutex<Versions> = Mutex::new(Versions { made: 0, going_out: 0, sent: 0 });
static ALL_SENT: Condvar = Condvar::new();
// TICKETS = {}
/// Maps the ticket to what it is good for.
static TICKETS: Mutex<BTreeMap<String, Ticket>> = Mutex::new(BTreeMap::new());
// GUESSES = {}
/// Maps the name that is guessed at, and the address of who guesses, to the next one's turn.
static GUESSES: Mutex<BTreeMap<(String, IpAddr), Instant>> = Mutex::new(BTreeMap::new());
// LOCK = Lock()
// HASHING = Lock()
// Here each map has its lock.
/// The hash that stands for that of a user who is not registered; nobody has its password.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    random().and_then(|password| hash(&password)).expect("the system has numbers")
});
/// The addresses of which a guess is hashed, or is the next to be.
static HASHING: Mutex<BTreeSet<IpAddr>> = Mutex::new(BTreeSet::new());
static HASHED: Condvar = Condvar::new();
/// How many clients of an address have not said yet who they are.
static STRANGERS: Mutex<BTreeMap<IpAddr, usize>> = Mutex::new(BTreeMap::new());

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

// def enroll(name):
/// Asks for the password of a new user, and stores its hash.
fn enroll(name: &str) -> io::Result<()> {
    // if not 1 <= len(name.encode()) <= 32 or name[0] == "!" or ":" in name or len(name.split()) > 1:
    // sys.exit(f"chatserver_auth.py: {name}: this cannot be a name")
    check_name(name).map_err(io::Error::other)?;
    // password = read_password("Password: ")
    let password = read_password("Password: ")?;
    // if not 8 <= len(password.encode()) <= 512:
    if password.len() < SHORTEST_PASSWORD || password.len() > RECV_BUFFER / 2 {
        // sys.exit(f"chatserver_auth.py: {name}: a password has 8 to 512 bytes")
        return Err(io::Error::other("a password has 8 to 512 bytes"));
    }
    // if read_password("Once more: ") != password:
    if read_password("Once more: ")? != password {
        // sys.exit(f"chatserver_auth.py: {name}: these were two different passwords")
        return Err(io::Error::other("these were two different passwords"));
    }
    // add_user(name, hash(password, os.urandom(16)))
    add_user(name, &hash(&password)?)?;
    // print(f"{name} is registered")
    say(format!("{name} is registered"));
    Ok(())
}

// def hash(password, salt):
/// What is stored instead of a password: a hash with a salt of its own, as one word.
fn hash(password: &str) -> io::Result<String> {
    // with HASHING:
    let argon2 = Argon2::default();
    // return f"{salt.hex()}${scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1).hex()}"
    // Make a hash of `password` with a new salt. As a text it also says how it was made.
    // ==== fill in here: hash ====
    //| let hash: String = todo!("hash");
    let hash = argon2.hash_password(password.as_bytes()).map_err(io::Error::other)?.to_string();
    // ==== end: hash ====
    Ok(hash)
}

// def accept_logins():
/// Accepts clients that want to log in, and makes a thread for every one.
fn accept_logins(login_socket: &TcpListener, acceptor: &TlsAcceptor) -> io::Result<()> {
    loop {
        // client_socket, client_address = LOGIN_SOCKET.accept()
        let (client_socket, client_address) = login_socket.accept()?;
        let Some(stranger) = Stranger::new(client_address) else { continue };
        let acceptor = acceptor.clone();
        let login = move || {
            if let Err(error) = log_in(client_socket, client_address, &acceptor) {
                stranger.complain(&format!("no login: {error}"));
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

// def log_in(client_socket, client_address):
/// Talks to one client, over TLS: takes its name and password, and gives a ticket for the chat.
fn log_in(
    client_socket: TcpStream,
    client_address: SocketAddr,
    acceptor: &TlsAcceptor,
) -> io::Result<()> {
    // client_socket.settimeout(LOGIN_TIME)
    let client_socket = Patient::within(LOGIN_TIME, client_socket);
    // wrap_socket = CONTEXT.wrap_socket(client_socket, server_side=True)
    // Shake hands: the certificate is shown, and keys are agreed on.
    // ==== fill in here: tls ====
    //| let mut wrap_socket: native_tls::TlsStream<Patient> = todo!("tls");
    let mut wrap_socket = acceptor.accept(client_socket).map_err(no_tls)?;
    // ==== end: tls ====
    // name = receive_line(wrap_socket)
    let name = receive_line(&mut wrap_socket, RECV_BUFFER)?;
    // password = receive_line(wrap_socket)
    let password = receive_line(&mut wrap_socket, RECV_BUFFER)?;
    let ip_address = client_address.ip();
    // wait = turn(name, client_address[0])
    let answer = match turn(&name, ip_address) {
        // if wait is None:
        // answer = "REFUSED too many guesses are waiting: try again later\n"
        None => "REFUSED too many guesses are waiting: try again later\n".to_owned(),
        Some((wait, next)) => {
            // time.sleep(wait)
            // Let others be quicker with their next guess: this one waits for its turn.
            // ==== fill in here: slow ====
            //| todo!("slow");
            thread::sleep(wait);
            // ==== end: slow ====
            // if is_right(name, password):
            if is_right(&name, &password, ip_address)? {
                nobody_waits(&name, ip_address, next);
                // answer = f"TICKET {issue(name, client_address[0])}\n"
                format!("TICKET {}\n", issue(&name, ip_address)?)
            } else {
                // answer = "REFUSED the name or the password is wrong\n"
                "REFUSED the name or the password is wrong\n".to_owned()
            }
        }
    };
    wrap_socket.get_mut().until = Instant::now().checked_add(LOGIN_TIME); // its turn was long in coming
    // wrap_socket.sendall(answer.encode())
    wrap_socket.write_all(answer.as_bytes())?;
    // wrap_socket.unwrap().close()
    let _ = wrap_socket.shutdown(); // the client has its answer, and may have gone
    Ok(())
    // except (OSError, ValueError) as error:
    // print(f"chatserver_auth.py: {client_address[0]}: no login: {error}", file=sys.stderr)
    // client_socket.close()
    // `login` in accept_logins does so.
}

// def is_right(name, password):
/// Whether a user of this name is registered, and this is the password.
fn is_right(name: &str, password: &str, ip_address: IpAddr) -> io::Result<bool> {
    let _turn = Turn::wait_for(ip_address);
    let users = read_users()?.0;
    let nobody = &*NOBODY;
    let argon2 = Verifier;
    // stored = read_users().get(name, NOBODY)
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

// def issue(name, ip_address):
/// Gives a user a ticket for the chat.
fn issue(name: &str, ip_address: IpAddr) -> io::Result<String> {
    // ticket = secrets.token_urlsafe(24)
    let ticket = random()?;
    let now = Instant::now();
    // with LOCK:
    // for unused in [t for t, good_for in TICKETS.items() if good_for[2] <= time.monotonic()]:
    // del TICKETS[unused]
    TICKETS.lock().unwrap().retain(|_, ticket| ticket.until > now);
    // TICKETS[ticket] = (name, ip_address, time.monotonic() + TICKET_TIME)
    // Store what the ticket is good for: this name, this address, and until TICKET_TIME is over.
    // ==== fill in here: issue-ticket ====
    //| todo!("issue-ticket");
    let good_for = Ticket { name: name.to_owned(), ip_address, until: now + TICKET_TIME };
    TICKETS.lock().unwrap().insert(ticket.clone(), good_for);
    // ==== end: issue-ticket ====
    // return ticket
    Ok(ticket)
}

// def redeem(ticket, name, ip_address):
/// Takes a ticket, and says whether it lets a client with this name and this address in.
fn redeem(ticket: &str, name: &str, ip_address: IpAddr) -> bool {
    // with LOCK:
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

// def accept_incoming_connections():
/// Accepts connections from clients and makes a thread for every client.
fn accept_incoming_connections(server_socket: &TcpListener) -> io::Result<()> {
    loop {
        // client_socket, client_address = SERVER_SOCKET.accept()
        let (client_socket, client_address) = server_socket.accept()?;
        let Some(stranger) = Stranger::new(client_address) else { continue };
        let thread = thread::Builder::new().stack_size(STACK_SIZE);
        // Thread(target=register, args=(client_socket, client_address)).start()
        thread.spawn(move || serve(client_socket, client_address, stranger))?;
    }
}

// def register(client_socket, client_address):
/// Receives a client's name and ticket, and stores the name.
fn register(client_socket: TcpStream, client_address: SocketAddr) -> io::Result<Arc<Client>> {
    client_socket.set_nodelay(true)?; // Nagle would hold a second message back for 40 ms
    // client_socket.settimeout(LOGIN_TIME)
    let mut patient = Patient::within(LOGIN_TIME, client_socket);
    // name, ticket = receive_line(client_socket).partition(" ")[::2]
    let line = receive_line(&mut patient, RECV_BUFFER)?;
    let (name, ticket) = line.split_once(' ').unwrap_or((&line, ""));
    // client_socket.settimeout(None)
    let mut client_socket = patient.socket;
    client_socket.set_read_timeout(None)?;
    // if not redeem(ticket, name, client_address[0]) or name in ACTIVE_USERS:
    let ip_address = client_address.ip();
    let claimed = match redeem(ticket, name, ip_address) {
        false => Err("its ticket is not good: log in for a new one"),
        true => claim(name, ip_address),
    };
    if let Err(why) = claimed {
        // client_socket.sendall(b"Your name is refused: its ticket is not good, or it is here\n")
        let sentence = format!("Your name is refused: {why}\n");
        let _ = client_socket.write_all(sentence.as_bytes()); // the client may have gone
        // raise ConnectionError("refused")
        return Err(io::Error::other(format!("its name is refused: {why}")));
    }
    // SOCKETS[client_socket] = name
    // ACTIVE_USERS[name] = client_address[0]
    // The second line is in `claim`: a name is looked for and taken under one lock.
    let name = name.to_owned();
    let client = Arc::new(Client { name, socket: client_socket, sending: Mutex::new(()) });
    SOCKETS.lock().unwrap().insert(client.socket.as_raw_fd(), Arc::clone(&client));
    // print(f"{name} with IP address:{client_address[0]}, has connected\n", flush=True)
    print(format!("{} with IP address:{ip_address}, has connected\n", client.name));
    // broadcast_active_users()
    broadcast_active_users();
    Ok(client)
}

/// Serves one client of the chat, from its name to its end.
fn serve(client_socket: TcpStream, client_address: SocketAddr, stranger: Stranger) {
    match register(client_socket, client_address) {
        // except (OSError, ValueError):
        Err(error) => {
            // client_socket.close()
            // print("Error connecting to a client", flush=True)
            // return
            print("Error connecting to a client".to_owned());
            stranger.complain(&error.to_string());
        }
        Ok(client) => {
            drop(stranger); // it is none any more
            // handle_client(client_socket)
            handle_client(&client);
        }
    }
}

// ---- The login's limits ----

// def turn(name, ip_address):
/// How long a guess has to wait for its turn, and when it is the next one's; `None` if too many wait
/// already.
fn turn(name: &str, ip_address: IpAddr) -> Option<(Duration, Instant)> {
    // now = time.monotonic()
    let now = Instant::now();
    // with LOCK:
    let mut guesses = GUESSES.lock().unwrap();
    // for guess in [guess for guess, turn in GUESSES.items() if turn <= now]:
    // del GUESSES[guess]
    guesses.retain(|_, next| *next > now); // nobody is remembered for longer than needed
    // wait = max(GUESSES.get((name, ip_address), now) - now, 0)
    let next = guesses.entry((name.to_owned(), ip_address)).or_insert(now);
    let wait = next.duration_since(now);
    // if wait > MOST_WAITING * PAUSE:
    // return None
    if wait > MOST_WAITING * PAUSE {
        return None;
    }
    // GUESSES[name, ip_address] = now + wait + PAUSE
    *next += PAUSE;
    // return wait
    Some((wait, *next))
}

/// A guess was right: whoever comes next need not wait for it, if nobody waits already.
fn nobody_waits(name: &str, ip_address: IpAddr, next: Instant) {
    let own = (name, ip_address, next);
    GUESSES.lock().unwrap().retain(|guess, next| (guess.0.as_str(), guess.1, *next) != own);
}

/// The turn of an address to have a guess hashed: one at a time, so that who makes many holds up only
/// himself.
struct Turn(IpAddr);

impl Turn {
    fn wait_for(ip_address: IpAddr) -> Turn {
        let is_there = |hashing: &mut BTreeSet<IpAddr>| hashing.contains(&ip_address);
        HASHED.wait_while(HASHING.lock().unwrap(), is_there).unwrap().insert(ip_address);
        Turn(ip_address)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        HASHING.lock().unwrap().remove(&self.0);
        HASHED.notify_all();
    }
}

/// Argon2 for passwords that are verified: one at a time, all in the same 19 MiB. Else each thread
/// would leave as much behind.
struct Verifier;

impl Verifier {
    fn verify_password(&self, password: &[u8], stored: &str) -> argon2::password_hash::Result<()> {
        static MEMORY: Mutex<Vec<Block>> = Mutex::new(Vec::new());
        const MOST_BLOCKS: usize = 128 * 1024; // of 1 KiB: a line that asks for more is damaged
        let stored = PasswordHash::new(stored)?;
        let (Some(salt), Some(hash)) = (&stored.salt, &stored.hash) else {
            return Err(argon2::password_hash::Error::PasswordInvalid);
        };
        let params = Params::try_from(&stored)?;
        let blocks = params.block_count().min(MOST_BLOCKS);
        let version = stored.version.map_or(Ok(Version::default()), Version::try_from)?;
        let argon2 = Argon2::new(Algorithm::try_from(stored.algorithm.as_str())?, version, params);
        let mut found = vec![0; hash.len()];
        let mut memory = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
        let most = blocks.max(memory.len());
        memory.resize(most, Block::default());
        argon2.hash_password_into_with_memory(password, salt, &mut found, &mut memory[..])?;
        // `==` of two Outputs takes as long wherever they part.
        match Output::new(&found)? == *hash {
            true => Ok(()),
            false => Err(argon2::password_hash::Error::PasswordInvalid),
        }
    }
}

/// A client that has not said yet who it is. It is counted as long as it is here.
struct Stranger(SocketAddr);

impl Stranger {
    /// `None` if there are too many, in all or from this address.
    fn new(client_address: SocketAddr) -> Option<Stranger> {
        let mut strangers = STRANGERS.lock().unwrap();
        let (all, own) = (strangers.values().sum::<usize>(), strangers.get(&client_address.ip()));
        if all >= MOST_STRANGERS || own.is_some_and(|own| *own >= MOST_FROM_ONE) {
            drop(strangers);
            complain(client_address, "not served: too many are here that are not logged in");
            return None;
        }
        *strangers.entry(client_address.ip()).or_default() += 1;
        Some(Stranger(client_address))
    }

    fn complain(&self, why: &str) {
        complain(self.0, why);
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let mut strangers = STRANGERS.lock().unwrap();
        let own = strangers.entry(self.0.ip()).or_default();
        *own = own.saturating_sub(1);
        strangers.retain(|_, count| *count > 0);
    }
}

/// Says on stderr that a client was not let in, MOST_LINES times in a minute: who comes again and
/// again is not to fill a disk.
fn complain(client_address: SocketAddr, why: &str) {
    static LINES: Mutex<Option<(Instant, u32)>> = Mutex::new(None);
    const MINUTE: Duration = Duration::from_secs(60);
    let mut lines = LINES.lock().unwrap();
    let (start, before) = lines.take().unwrap_or((Instant::now(), 0));
    let is_over = start.elapsed() >= MINUTE;
    let (start, count) =
        if is_over { (Instant::now(), 1) } else { (start, before.saturating_add(1)) };
    *lines = Some((start, count));
    drop(lines);
    if is_over && before > MOST_LINES {
        PROGRAM.warn(format!("{} more clients were not let in", before - MOST_LINES));
    }
    if count <= MOST_LINES {
        PROGRAM.warn(format!("{client_address}: {why}"));
    }
    if count == MOST_LINES {
        PROGRAM.warn("what else there is to say of such clients in this minute is only counted");
    }
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

/// Stores a name and its IP address in ACTIVE_USERS, or says why that cannot be.
fn claim(name: &str, ip_address: IpAddr) -> Result<(), &'static str> {
    let mut active_users = ACTIVE_USERS.lock().unwrap();
    if active_users.contains_key(name) {
        return Err("somebody has it");
    }
    active_users.insert(name.to_owned(), ip_address);
    Ok(())
}

// def add_user(name, hashed):
/// Adds a user. The file is written anew beside the old one, and then takes its place: whoever
/// reads it meanwhile reads it whole. What is in it stays as it is.
fn add_user(name: &str, hashed: &str) -> io::Result<()> {
    let new = format!("{USERS}.new");
    // os.makedirs("chat", mode=0o700, exist_ok=True)
    DirBuilder::new().recursive(true).mode(0o700).create("chat").map_err(at("chat"))?;
    // half = os.open("chat/users.new", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    // Only one can make this file, so two who register at the same time do not lose each other.
    let half = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new);
    let mut half = half.map_err(at(&new))?;
    let mut add = || {
        // users = read_users()
        // if name in users:
        if read_users()?.0.contains_key(name) {
            // sys.exit(f"chatserver_auth.py: {name}: somebody of this name is registered")
            return Err(io::Error::other("somebody of this name is registered"));
        }
        // users[name] = hashed
        // with open(half, "w", encoding="utf-8") as file:
        // file.write("".join(f"{name}:{stored}\n" for name, stored in users.items()))
        let mut file = read_if_there(USERS)?;
        if !file.is_empty() && !file.ends_with(b"\n") {
            file.push(b'\n');
        }
        half.write_all(&file)?;
        half.write_all(format!("{name}:{hashed}\n").as_bytes())?;
        half.sync_all()?;
        // os.rename("chat/users.new", "chat/users")
        fs::rename(&new, USERS)
    };
    let added = add();
    if added.is_err() {
        let _ = fs::remove_file(&new); // that it could not be added is what is said
    }
    added
}

// def read_users():
/// All users and their hashes, and the numbers of the lines that are none.
fn read_users() -> io::Result<(BTreeMap<String, String>, Vec<usize>)> {
    let (mut users, mut damaged) = (BTreeMap::new(), Vec::new());
    // return dict(line.rstrip("\n").split(":", 1) for line in file)
    for (number, line) in (1..).zip(read_if_there(USERS)?.split(|byte| *byte == b'\n')) {
        let user = str::from_utf8(line).ok().and_then(|line| line.trim_end().split_once(':'));
        match user.filter(|(name, hash)| check_name(name).is_ok() && !hash.is_empty()) {
            Some((name, hash)) => drop(users.insert(name.to_owned(), hash.to_owned())),
            None if line.trim_ascii().is_empty() => {}
            None => damaged.push(number),
        }
    }
    Ok((users, damaged))
}

/// A file's bytes; none if it is not there yet.
fn read_if_there(file: &str) -> io::Result<Vec<u8>> {
    match fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        bytes => bytes.map_err(at(file)),
    }
}

// def read_password(prompt):
fn read_password(prompt: &str) -> io::Result<String> {
    // return getpass.getpass(prompt) if sys.stdin.isatty() else input(prompt)
    let line = getpass(prompt)?.unwrap_or_default();
    String::from_utf8(line).map_err(|_| io::Error::other("a password is UTF-8"))
}

/// 192 random bits of the system's, as 32 letters.
fn random() -> io::Result<String> {
    let mut bytes = [0; 24];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(BASE64_STANDARD.encode(bytes))
}

/// Says at the start what is wrong with the files, and what can be done without.
fn look_at_files() {
    for (file, mode) in [("chat", 0o22), (USERS, 0o77), (KEY, 0o77), (CERTIFICATE, 0o22)] {
        let others = fs::metadata(file).map(|data| data.permissions().mode() & mode).unwrap_or(0);
        let may = if others & 0o22 != 0 { "change" } else { "read" };
        if others != 0 {
            PROGRAM.warn(format!("{file}: others may {may} it: run `chmod go-rwx {file}`"));
        }
    }
    match read_users() {
        Ok((_, damaged)) if damaged.is_empty() => {}
        Ok((_, damaged)) => PROGRAM.warn(format!(
            "{USERS}: no NAME:HASH in line {}, which nobody can log in with",
            damaged.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
        )),
        Err(error) => PROGRAM.warn(error),
    }
}

/// Reads the server's certificate and its key.
fn acceptor() -> io::Result<TlsAcceptor> {
    let certificate = fs::read(CERTIFICATE).map_err(at(CERTIFICATE))?;
    let key = fs::read(KEY).map_err(at(KEY))?;
    let unfit = |error| {
        io::Error::other(format!(
            "{KEY} does not belong to {CERTIFICATE} ({error}): `make certificate` makes both"
        ))
    };
    let identity = Identity::from_pkcs8(&certificate, &key).map_err(unfit)?;
    let mut context = TlsAcceptor::builder(identity);
    context.min_protocol_version(Some(Protocol::Tlsv12));
    let acceptor = context.build().map_err(unfit)?;
    // OpenSSL drops a key that does not fit, and says so only when somebody comes: so come.
    let (here, there) = UnixStream::pair()?;
    let mut anybody = TlsConnector::builder();
    anybody.danger_accept_invalid_certs(true).danger_accept_invalid_hostnames(true);
    let anybody = anybody.build().map_err(unfit)?;
    thread::spawn(move || anybody.connect("itself", there).map(|mut tls| tls.shutdown()));
    match acceptor.accept(here) {
        Err(HandshakeError::Failure(error)) => Err(unfit(error)),
        _ => Ok(acceptor),
    }
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

/// Why the handshake failed.
fn no_tls(error: HandshakeError<Patient>) -> io::Error {
    match error {
        HandshakeError::Failure(error) => io::Error::other(error),
        HandshakeError::WouldBlock(_) => io::Error::other("no TLS handshake in time"),
    }
}

// ---- The chat, as it is in chatserver.rs ----

/// Receives what one client says and sends it to the others, until the client leaves.
fn handle_client(client: &Arc<Client>) {
    let mut client_socket = &client.socket;
    let mut buffer = [0; RECV_BUFFER];
    let mut received = Vec::new();
    loop {
        let length = client_socket.read(&mut buffer);
        let msg = length.map(|length| decode(&mut received, &buffer[..length]));
        // An error, or 0 bytes: the client has gone. The last thread that sends to it closes its socket.
        let Ok(Some(msg)) = msg else {
            ACTIVE_USERS.lock().unwrap().remove(&client.name);
            SOCKETS.lock().unwrap().remove(&client.socket.as_raw_fd());
            broadcast_active_users();
            return;
        };
        if msg.is_empty() {
            continue; // a character has come in part
        }
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
    // Copy the sockets first: whoever is sent this roster then stands in it.
    let clients: Vec<_> = SOCKETS.lock().unwrap().values().cloned().collect();
    let active_users = ACTIVE_USERS.lock().unwrap().clone();
    let active_users = format!("!{}\n", json!(active_users)).into_bytes();
    for client_socket in clients {
        client_socket.send(&active_users);
    }
    all_sent(version);
}

impl Client {
    /// Sends all of a message, or closes the socket: nothing may follow half a message.
    fn send(&self, msg: &[u8]) {
        let alone = self.sending.lock().unwrap();
        let Err(error) = Patient::within(PATIENCE, &self.socket).write_all(msg) else { return };
        let _ = self.socket.shutdown(Shutdown::Both); // it may be closed already
        drop(alone);
        if error.kind() == io::ErrorKind::WouldBlock {
            PROGRAM.warn(format!("{}: cut off, it has not read for 1 s", self.name));
        }
    }
}

/// Prints a line. Nobody may be reading, and no client is to wait for that.
fn print(line: String) {
    briefly(io::stdout(), line);
}

/// Takes the text out of what was received, `None` at the end of it; a character that was cut at the
/// end waits for its rest.
fn decode(received: &mut Vec<u8>, bytes: &[u8]) -> Option<String> {
    received.extend_from_slice(bytes);
    let cut = str::from_utf8(received).err().filter(|error| error.error_len().is_none());
    let rest = received.split_off(cut.map_or(received.len(), |error| error.valid_up_to()));
    let text = mem::replace(received, rest);
    (!bytes.is_empty()).then(|| String::from_utf8_lossy(&text).into_owned())
}

/// Versions of ACTIVE_USERS. Rosters go out as a database commits: in groups.
struct Versions {
    made: u64,
    going_out: u64,
    sent: u64,
}

/// Waits while a roster goes out. Then this thread is to send the present version, unless another
/// thread has sent the one that was made here, or a later one.
fn turn_to_send() -> Option<u64> {
    let mut versions = VERSIONS.lock().unwrap();
    versions.made += 1;
    let own = versions.made;
    let must_wait = |v: &mut Versions| v.sent < own && v.sent < v.going_out;
    let mut versions = ALL_SENT.wait_while(versions, must_wait).unwrap(); // without the lock
    if versions.sent >= own {
        return None;
    }
    versions.going_out = versions.made;
    Some(versions.made)
}

/// Lets those go on who have waited while this version went out.
fn all_sent(version: u64) {
    VERSIONS.lock().unwrap().sent = version;
    ALL_SENT.notify_all();
}

// ---- The start ----

/// The sockets at the port behind this one and at this one. Where the kernel is to choose, it chooses
/// again if the other port of the pair is somebody's.
fn bind_both(server_ip: IpAddr, port: u16) -> (TcpListener, TcpListener) {
    const TRIES: usize = 100;
    for tries_left in (0..TRIES).rev() {
        let login = SocketAddr::from((server_ip, if port == 0 { 0 } else { port + 1 }));
        let login_socket =
            TcpListener::bind(login).unwrap_or_else(|error| PROGRAM.fail(login, &error));
        let chosen = login_socket.local_addr().map_or(login.port(), |address| address.port());
        let chat = SocketAddr::from((server_ip, chosen - 1));
        match TcpListener::bind(chat) {
            Ok(server_socket) => return (login_socket, server_socket),
            Err(_) if port == 0 && tries_left > 0 => {}
            Err(error) => PROGRAM.fail(chat, &error),
        }
    }
    unreachable!("the last try returns, or ends the program")
}

/// Does this again and again, though it may fail.
fn without_end(serve: impl Fn() -> io::Result<()>) {
    while let Err(error) = serve() {
        PROGRAM.warn(format!("cannot serve one more client now: {error}"));
        thread::sleep(Duration::from_millis(100)); // until somebody gives a descriptor back
    }
}

fn main() {
    // if __name__ == "__main__" and sys.argv[1:2] == ["register"]:
    let words: Vec<String> =
        env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    match words.as_slice() {
        [command, name] if command == "register" => {
            // enroll(sys.argv[2])
            enroll(name).unwrap_or_else(|error| PROGRAM.fail(name, &error));
        }
        [command, ..] if command == "register" => PROGRAM.refuse("register takes one NAME"),
        _ => run_server(),
    }
}

// elif __name__ == "__main__":
/// Opens the server's two sockets and accepts clients without end.
fn run_server() {
    end_at_interrupt("Interrupted: the server is closed");
    let [server_name, port] = PROGRAM.words([&gethostname(), &PORT.to_string()]);
    let port = PROGRAM.number(&port, "a port", u16::MAX - 1);
    // NOBODY = hash(secrets.token_urlsafe(24), os.urandom(16))
    LazyLock::force(&NOBODY); // or the first to ask for it would wait longer
    // CONTEXT = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    // CONTEXT.load_cert_chain("chat/server.pem", "chat/server-key.pem")
    let acceptor =
        acceptor().unwrap_or_else(|error| PROGRAM.fail(format!("{server_name}:{port}"), &error));
    look_at_files();
    let server_ip = gethostbyname(&server_name);
    let server_ip = server_ip.unwrap_or_else(|error| PROGRAM.fail(&server_name, &error));
    // LOGIN_SOCKET.bind((SERVER_IP, PORT + 1))
    let (login_socket, server_socket) = bind_both(server_ip, port);
    if let Ok(address) = server_socket.local_addr() {
        PROGRAM.tell_port(port, address);
    }
    // print("Waiting for connection...", flush=True)
    say("Waiting for connection...");
    // Thread(target=accept_logins).start()
    thread::spawn(move || without_end(|| accept_logins(&login_socket, &acceptor)));
    // accept_incoming_connections()
    without_end(|| accept_incoming_connections(&server_socket));
}
