//! One run of one check: it starts the program, plays the other side, and says what it saw.

use std::cell::{Cell, Ref, RefCell};
use std::ffi::OsString;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, UdpSocket};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::os::network::{self, Network};
use crate::os::processes;
use crate::os::program::{Event, Patience, Program};
use crate::os::sockets::{self, Socket, Transport};
use crate::tree::Set;

mod facts;
mod failure;

pub use facts::Facts;
pub use failure::{Failure, Stop, Verdict};

/// Where the program under check comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Set(Set),
    /// A command of the caller's, in whatever language.
    Command,
}

/// The address of a client that has to have one of its own.
pub const CLIENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 11);

/// The program under check and how to start it.
pub struct Target {
    pub facts: Facts,
    pub origin: Origin,
    /// `{address}`, `{client}` and `{port}` are replaced in every word.
    pub command: Vec<String>,
}

impl Target {
    /// A program of a set, or its twin: started by these words, with the arguments of its lab.
    pub fn of_set(facts: Facts, set: Set, start: &[PathBuf]) -> Target {
        let words = start.iter().map(|word| word.display().to_string());
        let arguments = facts.arguments.iter().map(ToString::to_string);
        let command = words.chain(arguments).collect();
        Target { facts, origin: Origin::Set(set), command }
    }

    /// Whether the program cannot be told its port and takes the lab's own.
    pub fn port_is_fixed(&self) -> bool {
        !self.command.iter().any(|word| word.contains("{port}"))
    }

    /// Whether the program cannot be told its address.
    pub fn address_is_fixed(&self) -> bool {
        !self.command.iter().any(|word| word.contains("{address}"))
    }

    /// Whether the program, a client, cannot be told which address is its own.
    pub fn client_is_fixed(&self) -> bool {
        !self.command.iter().any(|word| word.contains("{client}"))
    }

    /// The command line for this address and port.
    fn words(&self, address: impl fmt::Display, port: u16) -> Vec<String> {
        let fill = |word: &String| {
            let word = word.replace("{address}", &address.to_string());
            let word = word.replace("{client}", &CLIENT.to_string());
            word.replace("{port}", &port.to_string())
        };
        self.command.iter().map(fill).collect()
    }
}

pub struct Trial<'t> {
    pub target: &'t Target,
    random: RefCell<fastrand::Rng>,
    /// Whether some check of the program has failed.
    failed: &'t AtomicBool,
    slow: Cell<bool>,
    /// Where programs are started, if not where the tool was.
    directory: RefCell<Option<PathBuf>>,
    /// What the programs of this trial said on stderr; the runner looks for open gaps in it.
    stderr: RefCell<String>,
}

impl<'t> Trial<'t> {
    /// The same seed and check give the same inputs, in whatever order checks run.
    pub fn new(target: &'t Target, check: &str, seed: u64, failed: &'t AtomicBool) -> Trial<'t> {
        let name = check.bytes().fold(seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3) // FNV-1a's prime
        });
        Trial {
            target,
            random: RefCell::new(fastrand::Rng::with_seed(name)),
            failed,
            slow: Cell::new(false),
            directory: RefCell::default(),
            stderr: RefCell::default(),
        }
    }

    /// Says that this check waits long by its nature.
    pub fn takes_long(&self) {
        self.slow.set(true);
    }

    /// Says where programs are started from now on.
    pub fn work_in(&self, directory: &Path) {
        self.directory.replace(Some(directory.to_owned()));
    }

    pub fn is_slow(&self) -> bool {
        self.slow.get()
    }

    /// Whether a long wait is not worth its while any more: another check has failed.
    pub fn is_given_up(&self) -> bool {
        self.is_slow() && self.failed.load(Ordering::Relaxed)
    }

    /// What the programs of this trial said on stderr.
    pub fn stderr(&self) -> Ref<'_, str> {
        Ref::map(self.stderr.borrow(), String::as_str)
    }

    /// A few words in small letters, different each time.
    pub fn sentence(&self) -> String {
        let mut random = self.random.borrow_mut();
        let words = random.usize(3..=5);
        let mut word =
            || -> String { (0..random.usize(3..=7)).map(|_| random.lowercase()).collect() };
        (0..words).map(|_| word()).collect::<Vec<_>>().join(" ")
    }

    /// A number from this range.
    pub fn number(&self, range: std::ops::Range<usize>) -> usize {
        self.random.borrow_mut().usize(range)
    }

    /// Bytes in random order.
    pub fn shuffled(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        self.random.borrow_mut().shuffle(&mut bytes);
        bytes
    }

    /// So many small letters.
    pub fn letters(&self, count: usize) -> Vec<u8> {
        let mut random = self.random.borrow_mut();
        (0..count).map(|_| random.lowercase() as u8).collect()
    }

    /// Starts the program as a server at every address of the host and waits until it listens.
    pub fn server(&self) -> Result<Server<'_>, Stop> {
        self.server_at(Ipv4Addr::UNSPECIFIED)
    }

    /// The same, at one address, if the program can be told any.
    pub fn server_at(&self, address: impl fmt::Display) -> Result<Server<'_>, Stop> {
        const TRIES: usize = 5;
        for tries_left in (0..TRIES).rev() {
            let port = self.free_port()?;
            let started = self.start(&address, port, false, &[])?;
            match started.until_it_listens(port) {
                Ok(socket) => return Ok(Server { started, port, socket }),
                Err(event) => match started.rival(port) {
                    Some(rival) if self.target.port_is_fixed() => return Err(Stop::Fault(rival)),
                    Some(_) if tries_left > 0 => {} // somebody was quicker: another port
                    _ => return Err(started.does_not_listen(port, &event).into()),
                },
            }
        }
        unreachable!("the last try returns")
    }

    /// Starts the program as a client of the server that the check plays.
    pub fn client(&self, server: SocketAddrV4) -> Result<Started<'_>, Stop> {
        self.client_with(server, &[])
    }

    /// The same, with variables in its environment.
    pub fn client_with(
        &self,
        server: SocketAddrV4,
        variables: &[(&str, &str)],
    ) -> Result<Started<'_>, Stop> {
        self.start(server.ip(), server.port(), true, variables)
    }

    /// Starts the program for something else than to serve: these arguments take the place of those
    /// for address and port.
    pub fn job(&self, arguments: &[&str]) -> Result<Started<'_>, Stop> {
        let is_own = |word: &&String| !word.contains("{address}") && !word.contains("{port}");
        let words = self.target.command.iter().filter(is_own).cloned();
        let arguments = arguments.iter().map(ToString::to_string);
        self.start_words(&words.chain(arguments).collect::<Vec<_>>(), true, &[])
    }

    fn start(
        &self,
        address: impl fmt::Display,
        port: u16,
        typed_to: bool,
        variables: &[(&str, &str)],
    ) -> Result<Started<'_>, Stop> {
        self.start_words(&self.target.words(address, port), typed_to, variables)
    }

    fn start_words(
        &self,
        words: &[String],
        typed_to: bool,
        variables: &[(&str, &str)],
    ) -> Result<Started<'_>, Stop> {
        let here = Path::new(".");
        let directory = self.directory.borrow();
        let command: Vec<OsString> = match directory.is_some() {
            true => words.iter().map(|word| from_anywhere(word)).collect(),
            false => words.iter().map(OsString::from).collect(),
        };
        let directory = directory.as_deref().unwrap_or(here);
        let program = Program::start(&command, directory, typed_to, variables)
            .map_err(|error| Stop::Fault(format!("cannot start {}: {error}", words[0])))?;
        let name = words[0].rsplit('/').next().unwrap_or(&words[0]).to_owned();
        let shown = [vec![name], words[1..].to_vec()].concat();
        let command_line = shell(&shown);
        Ok(Started { trial: self, program, command_line })
    }

    /// A port nobody has, or the lab's own where the program cannot be told another.
    fn free_port(&self) -> Result<u16, Stop> {
        if self.target.port_is_fixed() {
            return Ok(self.target.facts.port);
        }
        let anywhere = (Ipv4Addr::UNSPECIFIED, 0);
        let address = match self.target.facts.transport {
            Transport::Tcp => TcpListener::bind(anywhere).and_then(|socket| socket.local_addr()),
            Transport::Udp => UdpSocket::bind(anywhere).and_then(|socket| socket.local_addr()),
        };
        address.map(|address| address.port()).map_err(|error| no_port(0, &error))
    }

    /// Where the check's own server is to listen.
    pub fn own_address(&self) -> SocketAddrV4 {
        let port = if self.target.port_is_fixed() { self.target.facts.port } else { 0 };
        SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)
    }
}

/// A word of a command as it stands, or the whole path if it is that of a file.
fn from_anywhere(word: &str) -> OsString {
    match std::path::absolute(word) {
        Ok(path) if path.is_file() && word.contains('/') => path.into(),
        _ => word.into(),
    }
}

/// Words as a shell wants them.
fn shell(words: &[String]) -> String {
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
}

/// The check cannot have the port it needs.
pub fn no_port(port: u16, error: &std::io::Error) -> Stop {
    let wanted = if port == 0 { "any port".to_owned() } else { format!("port {port}") };
    Stop::Fault(format!("the check needs {wanted} of 127.0.0.1 for itself: {error}"))
}

/// A started program of a trial.
pub struct Started<'t> {
    trial: &'t Trial<'t>,
    program: Program,
    pub command_line: String,
}

impl Deref for Started<'_> {
    type Target = Program;
    fn deref(&self) -> &Program {
        &self.program
    }
}

impl Drop for Started<'_> {
    fn drop(&mut self) {
        self.program.end();
        self.trial.stderr.borrow_mut().push_str(&self.program.stderr.text());
    }
}

impl Started<'_> {
    pub fn trial(&self) -> &Trial<'_> {
        self.trial
    }

    /// What there is to say about a program that did not do what was waited for.
    pub fn observed(&self, event: &Event) -> Vec<String> {
        // Whoever was busy for that long will not have finished a moment later.
        let busy = matches!(event, Event::Busy(_) | Event::Late(_));
        let ended = if busy { self.exited() } else { self.settle() };
        let mut lines = match ended {
            Some(status) => vec![crate::os::program::said(status)],
            None if busy => vec![event.to_string()],
            None => vec![self.waits()],
        };
        lines.extend(self.last_words());
        lines
    }

    /// Whether this text is on the program's screen.
    pub fn printed(&self, text: &[u8]) -> bool {
        text.len() > 1 && self.stdout.bytes().windows(text.len()).any(|window| window == text)
    }

    /// Whether it has ended, with these words on stderr.
    pub fn ended_saying(&self, words: &str) -> bool {
        self.exited().is_some() && self.stderr.text().to_lowercase().contains(words)
    }

    /// Where a sleeping program waits.
    fn waits(&self) -> String {
        let processes = self.processes();
        let Some(call) = processes::asleep_in(&processes) else {
            return Event::Idle.to_string();
        };
        let open = sockets::of(&processes);
        let socket = open.iter().find(|socket| Some(socket.inode) == call.inode);
        let what = match (call.name, call.descriptor, socket) {
            ("accept", ..) => "in accept, for a client".to_owned(),
            ("connect", ..) => "in connect, for the server's host to answer".to_owned(),
            ("sleep", ..) => "in sleep".to_owned(),
            ("read", Some(0), _) => "for input on its standard input".to_owned(),
            (name @ ("read" | "recv"), _, Some(socket)) => match socket.transport {
                Transport::Udp => format!("in {name}, for a datagram"),
                Transport::Tcp => format!("in {name}, for bytes from {}", socket.remote),
            },
            (name, ..) => format!("in {name}"),
        };
        format!("the program is running; it waits {what}")
    }

    /// Whether the program waits for more bytes from this peer.
    pub fn waits_for_bytes_from(&self, peer: SocketAddr) -> bool {
        let processes = self.processes();
        let call = processes::asleep_in(&processes);
        let reading = call.filter(|call| matches!(call.name, "read" | "recv"));
        reading.is_some_and(|call| {
            let open = sockets::of(&processes);
            open.iter().any(|socket| Some(socket.inode) == call.inode && socket.remote == peer)
        })
    }

    /// The end of what the program said on stderr, and a word about a flood on stdout.
    pub fn last_words(&self) -> Vec<String> {
        const LINES: usize = 2;
        const LENGTH: usize = 160;
        let stderr = self.stderr.text();
        let said: Vec<&str> = stderr.lines().filter(|line| is_worth_showing(line)).collect();
        let mut lines: Vec<String> = said[said.len().saturating_sub(LINES)..]
            .iter()
            .map(|line| {
                let line = line.trim();
                let cut = if line.chars().count() > LENGTH { "…" } else { "" };
                format!("it said: {}{cut}", line.chars().take(LENGTH).collect::<String>())
            })
            .collect();
        let printed = self.stdout.total() >> 20;
        if printed > 0 {
            lines.push(format!("it printed over {printed} MB on its standard output"));
        }
        lines
    }

    /// Waits for the server's socket, without ever knocking at it.
    fn until_it_listens(&self, port: u16) -> Result<Socket, Event> {
        let transport = self.trial.target.facts.transport;
        if !sockets::visible() {
            let local = (Ipv4Addr::UNSPECIFIED, port).into();
            let remote = (Ipv4Addr::UNSPECIFIED, 0).into();
            let said_so = || !self.stdout.bytes().is_empty();
            let (unread, unacknowledged, inode) = (0, 0, 0);
            let open_to_all = true;
            let socket =
                Socket { transport, local, remote, open_to_all, unread, unacknowledged, inode };
            return self.until(|| said_so().then(|| socket.clone()));
        }
        let there = |socket: &Socket| {
            socket.transport == transport && socket.local.port() == port && socket.open_to_all
        };
        // Most often the program has no socket at all yet, which costs less to see than all sockets
        // of the network. A process that it has started is looked at now and then.
        const NOW_AND_THEN: usize = 8;
        let mut looks = 0;
        let patience = match self.trial.target.origin {
            Origin::Set(_) => Patience::SHORT,
            Origin::Command => Patience::LONG,
        };
        self.patiently(patience, || {
            looks += 1;
            if looks % NOW_AND_THEN > 0 && !sockets::any(self.leader()) {
                return None;
            }
            sockets::of(&self.processes()).into_iter().find(there)
        })
    }

    /// Who else has the port that the program was to take.
    fn rival(&self, port: u16) -> Option<String> {
        let transport = self.trial.target.facts.transport;
        let mine = sockets::of(&self.processes());
        let taken = sockets::all().into_iter().any(|socket| {
            socket.transport == transport
                && socket.local.port() == port
                && socket.open_to_all
                && !mine.contains(&socket)
        });
        let refused = self.stderr.text().to_lowercase().contains("in use");
        let shared = network::available() == Network::Host && !self.trial.target.port_is_fixed();
        let what = transport.name();
        (taken || (refused && shared)).then(|| {
            format!(
                "{what} port {port} belongs to another program on this machine: end it, or \
                     put {{port}} into the command so that another can be used"
            )
        })
    }

    fn does_not_listen(&self, port: u16, event: &Event) -> Failure {
        let transport = self.trial.target.facts.transport;
        let what = transport.name();
        let mut failure = Failure::new(
            format!("started `{}`", self.command_line),
            format!("a {what} socket that waits at port {port}"),
        );
        let open = sockets::of(&self.processes());
        let waiting: Vec<&Socket> = open.iter().filter(|socket| socket.open_to_all).collect();
        for socket in &waiting {
            let name = socket.transport.name();
            failure = match (socket.transport == transport, socket.local.port() == port) {
                (true, true) => failure.received(format!("{name} port {port} in other hands")),
                (true, false) => {
                    failure.received(format!("a {name} socket at port {}", socket.local.port()))
                }
                (false, _) => failure.received(format!(
                    "a {name} socket at port {}: {name}, not {what}",
                    socket.local.port()
                )),
            };
        }
        if waiting.is_empty() {
            failure = failure.received("no open socket");
        }
        failure.lines(self.observed(event)).replay(self.trial.replay_run(port))
    }
}

/// Lines of a panic or a traceback that say nothing to a student are left out.
fn is_worth_showing(line: &str) -> bool {
    let drawing = line.chars().all(|c| c.is_whitespace() || "^~".contains(c));
    !drawing && !line.starts_with("note: run with `RUST_BACKTRACE=1`")
}

/// The program under check as a server.
pub struct Server<'t> {
    started: Started<'t>,
    pub port: u16,
    /// The socket at which it waits.
    pub socket: Socket,
}

impl<'t> Deref for Server<'t> {
    type Target = Started<'t>;
    fn deref(&self) -> &Started<'t> {
        &self.started
    }
}

impl Server<'_> {
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }
}

/// How a failure is seen again by hand.
impl Trial<'_> {
    /// The command that starts the program as the check did.
    pub fn replay_run(&self, port: u16) -> String {
        let name = self.target.facts.name;
        match self.target.origin {
            Origin::Set(Set::Skeletons) => format!("make run LAB={name} ARGS=\"0.0.0.0 {port}\""),
            Origin::Set(set) => {
                format!("make run LAB={name} SET={} ARGS=\"0.0.0.0 {port}\"", set.directory())
            }
            Origin::Command => shell(&self.target.words(Ipv4Addr::UNSPECIFIED, port)),
        }
    }

    /// The command that sends these bytes to the server, started by `make run`.
    pub fn replay_send(&self, bytes: &[u8]) -> String {
        let facts = self.target.facts;
        if bytes.is_empty() && facts.transport == Transport::Udp {
            return String::new(); // of nothing netcat makes no datagram
        }
        let Some(printf) = crate::text::bytes::printf(bytes) else { return String::new() };
        let netcat = match facts.transport {
            Transport::Tcp => "nc",
            Transport::Udp => "nc -u -w 1",
        };
        format!("{printf} | {netcat} 127.0.0.1 {}", facts.port)
    }

    /// The two commands that show what the client sends and what it makes of an answer.
    pub fn replay_client(&self) -> String {
        let facts = self.target.facts;
        let netcat = match facts.transport {
            Transport::Tcp => "nc -l",
            Transport::Udp => "nc -u -l",
        };
        format!(
            "terminal 1: {netcat} 127.0.0.1 {}\nterminal 2: {}",
            facts.port,
            self.replay_alone()
        )
    }

    /// The command that starts the client by itself.
    pub fn replay_alone(&self) -> String {
        let Facts { name, port, .. } = self.target.facts;
        let arguments = match self.target.client_is_fixed() {
            true => String::new(),
            false => format!(" ARGS=\"{} {CLIENT}\"", Ipv4Addr::LOCALHOST),
        };
        match self.target.origin {
            Origin::Set(Set::Skeletons) => format!("make run LAB={name}{arguments}"),
            Origin::Set(set) => format!("make run LAB={name} SET={}{arguments}", set.directory()),
            Origin::Command => shell(&self.target.words(Ipv4Addr::LOCALHOST, port)),
        }
    }
}
