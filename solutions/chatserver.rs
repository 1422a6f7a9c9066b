// Generated from src/bin/chatserver.rs by `make gen`.
//! chatserver -- relay what one client says to all the others.
//!
//! usage:    chatserver [ADDRESS [PORT]]     default: this host's own address, 5000
//! try:      nc ADDRESS 5000                 your first message is your name
//! mirrors:  chatserver.py, line by line
//! departs:  not every name is taken; every message ends in a newline; who does not read for 1 s is
//!           cut off; changes that are made at one time share a roster

use std::collections::{BTreeMap, btree_map::Entry};
use std::io::{self, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Arc, Mutex, OnceLock};
use std::{thread, time::Duration};

use serde_json::json;
use socket_labs::{Patient, Program, briefly, end_at_interrupt, gethostbyname, gethostname, say};

const PROGRAM: Program = Program::new("chatserver", "usage: chatserver [ADDRESS [PORT]]");

fn find_server_ip(server_name: &str) -> io::Result<IpAddr> {
    // SERVER_IP = sys.argv[1] if len(sys.argv) > 1 else socket.gethostbyname(socket.gethostname())
    // Marker 1: the IP address of the host `server_name`: without ADDRESS that is this host.
    // ==== fill in here: server-ip ====
    let server_ip = gethostbyname(server_name)?;
    // ==== end: server-ip ====
    Ok(server_ip)
}

// PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
const PORT: u16 = 5000;
// RECV_BUFFER = 1024
const RECV_BUFFER: usize = 1024;
const PATIENCE: Duration = Duration::from_secs(1); // with a client that does not read

// Locks: held for a moment, never two maps at once, never across a send; no panic while one is held.
// Only ROSTER and a client's own, `sending`, are held while something is sent.
// ACTIVE_USERS = {}
/// Maps the name to the IP address.
static ACTIVE_USERS: Mutex<BTreeMap<String, IpAddr>> = Mutex::new(BTreeMap::new());
// SOCKETS = {}
/// Maps the socket, by its descriptor, to the client and so to the name.
static SOCKETS: Mutex<BTreeMap<RawFd, Arc<Client>>> = Mutex::new(BTreeMap::new());
static ROSTER: Mutex<()> = Mutex::new(()); // held while one goes out
/// The one behind it. Whoever changes ACTIVE_USERS meanwhile waits for it, and one of them sends it.
static NEXT_ROSTER: Mutex<Option<Arc<OnceLock<()>>>> = Mutex::new(None);

struct Client {
    name: String,
    socket: TcpStream,
    sending: Mutex<()>, // held while a message goes out: two messages never mix
}

fn open_server_socket(server_ip: IpAddr, port: u16) -> io::Result<TcpListener> {
    // SERVER_SOCKET = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    // SERVER_SOCKET.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    // SERVER_SOCKET.bind((SERVER_IP, PORT))
    // Markers 2 and 3: a TCP socket with this address, at which clients queue up: one call in std.
    // ==== fill in here: server-socket ====
    let server_socket = TcpListener::bind((server_ip, port))?;
    // ==== end: server-socket ====
    PROGRAM.tell_port(port, server_socket.local_addr()?);
    Ok(server_socket)
}

// def accept_incoming_connections():
/// Accepts connections from clients and makes a thread for every client.
fn accept_incoming_connections(server_socket: &TcpListener) -> io::Result<()> {
    loop {
        // client_socket, client_address = SERVER_SOCKET.accept()
        // Marker 4: wait for the next client: a socket for it alone, and its address.
        // ==== fill in here: accept ====
        let (client_socket, client_address) = server_socket.accept()?;
        // ==== end: accept ====
        // Departs from the Python, which first waits here for the name, and all others wait with it.
        let thread = thread::Builder::new().stack_size(256 * 1024); // there may be thousands
        thread.spawn(move || serve(client_socket, client_address))?;
    }
}

/// The `try` of accept_incoming_connections: receives a client's name and stores it.
fn register(mut client_socket: TcpStream, ip_address: IpAddr) -> io::Result<Arc<Client>> {
    client_socket.set_nodelay(true)?; // Nagle would hold a second message back for 40 ms
    let mut buffer = [0; RECV_BUFFER];
    // name = client_socket.recv(RECV_BUFFER)
    // Marker 5: read the client's first message; store how many bytes have come.
    // ==== fill in here: name ====
    let length = client_socket.read(&mut buffer)?;
    // ==== end: name ====
    // name = name.decode("utf-8")
    // Departs from the Python: no white space around it (`nc` sends a newline), and not any name.
    let name = String::from_utf8_lossy(&buffer[..length]).trim().to_owned();
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
    // print(f"{name} with IP address:{client_address[0]}, has connected\n", flush=True)
    briefly(io::stdout(), format!("{} with IP address:{ip_address}, has connected\n", client.name));
    // broadcast_active_users()
    broadcast_active_users();
    Ok(client)
}

/// Serves one client, from its name to its end.
fn serve(client_socket: TcpStream, client_address: SocketAddr) {
    let client = register(client_socket, client_address.ip()).inspect_err(|error| {
        // print("Error connecting to a client", flush=True)
        briefly(io::stdout(), "Error connecting to a client");
        PROGRAM.complain(client_address, error);
    });
    // Thread(target=handle_client, args=(client_socket,)).start()
    let _ = client.map(|client| handle_client(&client)); // we are in its thread already
}

// def handle_client(client_socket):
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
        // msg = msg.decode("utf-8")
        let msg = length.map(|length| decode(&mut received, &buffer[..length]));
        // del(ACTIVE_USERS[SOCKETS[client_socket]])
        // del(SOCKETS[client_socket])
        // broadcast_active_users()
        // sys.exit()
        // if len(msg) == 0:
        // An error, or 0 bytes: the client has gone. The last thread that sends to it closes its socket.
        let Ok(Some(msg)) = msg else {
            // del(ACTIVE_USERS[SOCKETS[client_socket]])
            ACTIVE_USERS.lock().unwrap().remove(&client.name);
            // del(SOCKETS[client_socket])
            SOCKETS.lock().unwrap().remove(&client.socket.as_raw_fd());
            // broadcast_active_users()
            broadcast_active_users();
            // sys.exit()
            return;
        };
        if msg.is_empty() {
            continue; // a character has come in part
        }
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

// def broadcast_msg(sending_client, msg):
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
            // del(ACTIVE_USERS[SOCKETS[client_socket]])
            // del(SOCKETS[client_socket])
            // broadcast_active_users()
            // `send` closes a socket that fails. That wakes its own thread, which does the rest.
        }
    }
}

// def broadcast_active_users():
/// Sends the current active users to all clients. Called when a change was made.
fn broadcast_active_users() {
    // Departs from the Python, which sends a roster for every change: all who wait share the next.
    let next_roster = Arc::clone(NEXT_ROSTER.lock().unwrap().get_or_insert_default());
    next_roster.get_or_init(|| {
        let Ok(_one_at_a_time) = ROSTER.lock() else { return }; // after a panic, none goes out
        *NEXT_ROSTER.lock().unwrap() = None; // what is changed from now on is in one more
        // Copy the sockets first: whoever is sent this roster then stands in it.
        let clients: Vec<_> = SOCKETS.lock().unwrap().values().cloned().collect();
        // active_users = "!" + json.dumps(ACTIVE_USERS)
        // active_users = active_users.encode("utf-8")
        let active_users = format!("!{}\n", json!(*ACTIVE_USERS.lock().unwrap())).into_bytes();
        // for client_socket in list(SOCKETS):
        for client_socket in clients {
            // client_socket.send(active_users)
            // Marker 9: send `active_users` to this client, a Client as in broadcast_msg.
            // ==== fill in here: send-active-users ====
            client_socket.send(&active_users);
            // ==== end: send-active-users ====
            // del(ACTIVE_USERS[SOCKETS[client_socket]])
            // del(SOCKETS[client_socket])
        }
    });
}

fn main() {
    end_at_interrupt("Interrupted: the server is closed");
    let (server_name, port) = PROGRAM.arguments(&gethostname(), PORT);
    let server_socket = find_server_ip(&server_name)
        .and_then(|server_ip| open_server_socket(server_ip, port))
        .unwrap_or_else(|error| PROGRAM.fail(format!("{server_name}:{port}"), &error));
    // SERVER_SOCKET.listen(5)
    // print("Waiting for connection...", flush=True)
    say("Waiting for connection...");
    // connection_threads = Thread(target=accept_incoming_connections)
    // connection_threads.start()
    // connection_threads.join()
    // In Python a thread of its own accepts, and an error ends it.
    while let Err(error) = accept_incoming_connections(&server_socket) {
        PROGRAM.warn(format!("cannot serve one more client now: {error}"));
        thread::sleep(Duration::from_millis(100)); // until somebody gives a descriptor back
    }
    // SERVER_SOCKET.close()
}

// ---- What the Python leaves out ----

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
        Entry::Occupied(_) => return Err("somebody has it"),
        Entry::Vacant(place) => place.insert(ip_address),
    };
    Ok(())
}

/// Takes the text out of what was received, `None` at its end; a cut character waits for its rest.
fn decode(received: &mut Vec<u8>, bytes: &[u8]) -> Option<String> {
    received.extend_from_slice(bytes);
    let cut = str::from_utf8(received).err().filter(|error| error.error_len().is_none());
    let whole = cut.map_or(received.len(), |error| error.valid_up_to());
    let text: Vec<u8> = received.drain(..whole).collect();
    (!bytes.is_empty()).then(|| String::from_utf8_lossy(&text).into_owned())
}
