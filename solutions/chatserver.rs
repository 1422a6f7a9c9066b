// Generated from src/bin/chatserver.rs by `make gen`.
//! chatserver -- relay what one client says to all the others.
//!
//! usage:    chatserver [ADDRESS [PORT]]     default: this host's own address, 5000
//! try:      nc ADDRESS 5000                 your first message is your name
//! mirrors:  chatserver.py, function by function
//! departs:  a name that is taken or no name is refused; every message ends in a newline; who does
//!           not read for 1 s is cut off; changes that are made at one time share a roster

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use std::{env, fs, mem, process, thread};

use serde_json::json;

const USAGE: &str = "usage: chatserver [ADDRESS [PORT]]";
const PORT: u16 = 5000;
const RECV_BUFFER: usize = 1024;
const PATIENCE: Duration = Duration::from_secs(1);
const STACK_SIZE: usize = 256 * 1024; // a thread for every client, and there may be thousands

// Locks: held for a moment, never two at once, never across a send; no panic while one is held. Only
// a client's own, `sending`, is held while something is sent, to this client.
/// Maps the name to the IP address.
static ACTIVE_USERS: Mutex<BTreeMap<String, IpAddr>> = Mutex::new(BTreeMap::new());
/// Maps the socket, by its descriptor, to the client and so to the name.
static SOCKETS: Mutex<BTreeMap<RawFd, Arc<Client>>> = Mutex::new(BTreeMap::new());
static ROSTERS: Mutex<Rosters> = Mutex::new(Rosters { made: 0, sent: 0, one_goes_out: false });
static ALL_SENT: Condvar = Condvar::new();

struct Client {
    name: String,
    socket: TcpStream,
    /// Held while a message goes out: two messages never mix.
    sending: Mutex<()>,
}

fn main() {
    let (server_name, port) = arguments(&gethostname(), PORT);
    ctrlc::set_handler(goodbye).expect("the first handler of this process is always accepted");
    if let Err(error) = run_server(&server_name, port) {
        eprintln!("chatserver: {server_name}:{port}: {}", explain(&error));
        process::exit(1);
    }
}

/// Opens the server's socket and accepts clients without end.
fn run_server(server_name: &str, port: u16) -> io::Result<()> {
    // SERVER_IP = socket.gethostbyname(socket.gethostname())
    // Marker 1: the IP address of the host `server_name`: without ADDRESS that is this host.
    // ==== fill in here: server-ip ====
    let server_ip = gethostbyname(server_name)?;
    // ==== end: server-ip ====
    // SERVER_SOCKET = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    // SERVER_SOCKET.bind((SERVER_IP, PORT))
    // SERVER_SOCKET.listen(5)
    // Markers 2 and 3: a TCP socket with this address, at which clients queue up: one call in std.
    // ==== fill in here: server-socket ====
    let server_socket = TcpListener::bind((server_ip, port))?;
    // ==== end: server-socket ====
    if port == 0 {
        eprintln!("chatserver: the kernel chose port {}", server_socket.local_addr()?.port());
    }
    println!("Waiting for connection...");
    // connection_threads = Thread(target=accept_incoming_connections)
    // connection_threads.start()
    // connection_threads.join()
    // In Python a thread of its own accepts, and an error ends it.
    while let Err(error) = accept_incoming_connections(&server_socket) {
        eprintln!("chatserver: cannot serve one more client now: {error}");
        thread::sleep(Duration::from_millis(100)); // until somebody gives a descriptor back
    }
    Ok(())
}

/// Accepts connections from clients and makes a thread for every client.
fn accept_incoming_connections(server_socket: &TcpListener) -> io::Result<()> {
    loop {
        // client_socket, client_address = SERVER_SOCKET.accept()
        // Marker 4: wait for the next client: a socket for it alone, and its address.
        // ==== fill in here: accept ====
        let (client_socket, client_address) = server_socket.accept()?;
        // ==== end: accept ====
        // Thread(target=handle_client, args=(client_socket,)).start()
        // Departs from the Python, which first waits here for the name, and all others wait with it.
        let builder = thread::Builder::new().stack_size(STACK_SIZE);
        builder.spawn(move || match register(client_socket, client_address) {
            Ok(client) => handle_client(&client),
            Err(error) => {
                // client_socket.close(), print('Error connecting to a client')
                let _ = writeln!(io::stdout(), "Error connecting to a client");
                eprintln!("chatserver: {client_address}: {}", explain(&error));
            }
        })?;
    }
}

/// The `try` of accept_incoming_connections: receives a client's name and stores it.
fn register(mut client_socket: TcpStream, client_address: SocketAddr) -> io::Result<Arc<Client>> {
    client_socket.set_nodelay(true)?; // Nagle would hold a second message back for 40 ms
    client_socket.set_write_timeout(Some(PATIENCE))?;
    let mut buffer = [0; RECV_BUFFER];
    // name = client_socket.recv(RECV_BUFFER)
    // Marker 5: read the client's first message; store how many bytes have come.
    // ==== fill in here: name ====
    let length = client_socket.read(&mut buffer)?;
    // ==== end: name ====
    // name = name.decode("utf-8")
    // Departs from the Python: no white space around it (`nc` sends a newline), and not any name.
    let name = String::from_utf8_lossy(&buffer[..length]).trim().to_owned();
    let ip_address = client_address.ip();
    if let Err(why) = claim(&name, ip_address) {
        let sentence = format!("Your name is refused: {why}; connect again with another\n");
        let _ = client_socket.write_all(sentence.as_bytes()); // the client may have gone
        return Err(io::Error::other(format!("its name is refused: {why}")));
    }
    // SOCKETS[client_socket] = name
    // ACTIVE_USERS[name] = client_address[0]
    // The second line is in `claim`: a name is looked for and taken under one lock.
    let client = Arc::new(Client { name, socket: client_socket, sending: Mutex::new(()) });
    SOCKETS.lock().unwrap().insert(client.socket.as_raw_fd(), Arc::clone(&client));
    // print(f"{name} with IP address:{client_address[0]}, has connected\n")
    let line = format!("{} with IP address:{ip_address}, has connected\n", client.name);
    let _ = writeln!(io::stdout(), "{line}"); // nobody may be reading
    // broadcast_active_users()
    broadcast_active_users();
    Ok(client)
}

/// Receives what one client says and sends it to the others, until the client leaves.
fn handle_client(client: &Arc<Client>) {
    let mut client_socket = &client.socket; // mut: `read` borrows even a reference as mutable
    let mut buffer = [0; RECV_BUFFER];
    let mut received = Vec::new();
    loop {
        // msg = client_socket.recv(RECV_BUFFER)
        // Marker 6: read a message; store what `read` gives: how many bytes have come, or the error.
        // ==== fill in here: msg ====
        let length = client_socket.read(&mut buffer);
        // ==== end: msg ====
        // except:
        // if len(msg) == 0:
        // An error, or 0 bytes: the client has gone.
        let Ok(length @ 1..) = length else {
            // client_socket.close()
            // del(ACTIVE_USERS[SOCKETS[client_socket]]), del(SOCKETS[client_socket])
            // broadcast_active_users()
            // sys.exit()
            // The socket is closed when the last thread that sends to it lets go of it.
            ACTIVE_USERS.lock().unwrap().remove(&client.name);
            SOCKETS.lock().unwrap().remove(&client.socket.as_raw_fd());
            broadcast_active_users();
            return;
        };
        // msg = msg.decode("utf-8")
        received.extend_from_slice(&buffer[..length]);
        let Some(msg) = decode(&mut received) else { continue };
        // msg = f"{SOCKETS[client_socket]}: {msg} "
        // Departs from the Python: a message ends in a newline, and has no other.
        let msg = format!("{}: {} \n", client.name, msg.replace('\n', " "));
        // broadcast_msg(client_socket, msg)
        // Marker 7: send `msg` to every client, except this one.
        // ==== fill in here: broadcast-msg ====
        broadcast_msg(client, &msg);
        // ==== end: broadcast-msg ====
    }
}

/// Sends a message to every client, except the sending client.
fn broadcast_msg(sending_client: &Arc<Client>, msg: &str) {
    // msg = msg.encode("utf-8")
    let msg = msg.as_bytes();
    // for client_socket in list(SOCKETS):
    let clients: Vec<_> = SOCKETS.lock().unwrap().values().cloned().collect();
    for client_socket in clients {
        // if client_socket != sending_client:
        if !Arc::ptr_eq(&client_socket, sending_client) {
            // client_socket.send(msg)
            // Marker 8: send `msg` to this client. `client_socket` is a Client here: see its `send`.
            // ==== fill in here: send-msg ====
            client_socket.send(msg);
            // ==== end: send-msg ====
            // except: client_socket.close(), del(ACTIVE_USERS[SOCKETS[client_socket]]),
            // del (SOCKETS[client_socket]), broadcast_active_users()
            // `send` closes a socket that fails. That wakes its own thread, which does the rest.
        }
    }
}

/// Sends the current active users to all clients. Called when a change was made.
fn broadcast_active_users() {
    // Departs from the Python, which sends a roster for every change: this one may be in another's.
    let Some(version) = turn_to_send() else { return };
    // for client_socket in list(SOCKETS):
    // Copy the sockets first: whoever is sent this roster then stands in it.
    let clients: Vec<_> = SOCKETS.lock().unwrap().values().cloned().collect();
    // active_users = '!' + json.dumps(ACTIVE_USERS)
    // active_users = active_users.encode("utf-8")
    let active_users = ACTIVE_USERS.lock().unwrap().clone();
    let active_users = format!("!{}\n", json!(active_users)).into_bytes();
    for client_socket in clients {
        // client_socket.send(active_users)
        // Marker 9: send `active_users` to this client, a Client as in broadcast_msg.
        // ==== fill in here: send-active-users ====
        client_socket.send(&active_users);
        // ==== end: send-active-users ====
        // except: as in broadcast_msg.
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
                let _ =
                    writeln!(io::stderr(), "chatserver: {name}: cut off, it has not read for 1 s");
            }
        }
        let _ = self.socket.shutdown(Shutdown::Both); // it may be closed already
    }
}

/// Stores a name and its IP address in ACTIVE_USERS, or says why that cannot be.
fn claim(name: &str, ip_address: IpAddr) -> Result<(), &'static str> {
    let unfit = |c: char| c == ':' || c == '\u{fffd}' || c.is_whitespace() || c.is_control();
    if name.is_empty() || name.len() > 32 {
        return Err("it must have 1 to 32 bytes");
    }
    if name.starts_with('!') || name.contains(unfit) {
        return Err("it must be UTF-8 without white space, control characters, : and ! in front");
    }
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
    eprintln!("chatserver: {cause}\n{USAGE}");
    process::exit(2)
}

/// Ends the server at Ctrl-C; the kernel closes its sockets.
fn goodbye() {
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
