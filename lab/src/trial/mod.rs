//! One run of one check: it starts the program, plays the other side, and says what it saw.
#![warn(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::string_slice)] // others wrote what is read here

use std::cell::{Cell, Ref, RefCell};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use crate::os::limits::{self, Budget};
use crate::os::network::{self, Network};
use crate::os::output::Screen;
use crate::os::program::{Event, Program, Start};
use crate::os::scratch::Scratch;
use crate::os::sockets::{self, Transport};
use crate::os::tap::Tap;
use crate::os::zone::Zone;
use crate::text::escape;

mod course;
mod exchange;
mod facts;
mod failure;
mod prompts;
mod replay;
mod started;
mod target;

pub use course::{Course, Manner, SentenceEnd, is_inside};
pub use exchange::{Crossed, Exchange, How};
pub use facts::Facts;
pub use failure::{Failure, Stop, Verdict};
pub use started::{Server, Started};
pub use target::{CLIENT, Origin, Target, Words};

use self::exchange::Role;
use self::replay::shell;
use self::target::{blank, brought, from_anywhere};

/// How long a check may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// To its end.
    AsLongAsItTakes,
    /// As long as no other check has failed: it waits long by its nature.
    WhileAllIsWell,
}

pub struct Trial<'t> {
    pub target: &'t Target,
    random: RefCell<fastrand::Rng>,
    /// What is known from the other checks of the program.
    course: &'t Course,
    /// It is a door that has failed, and does not shut off the others.
    ajar: Cell<bool>,
    /// A server waits at another port than it was told.
    elsewhere: Cell<bool>,
    pace: Pace,
    /// Why one of its programs was given up, if so.
    given_up: Cell<Option<Event>>,
    /// What was wrong with the sandbox of one of its programs.
    sandbox_failed: RefCell<Option<String>>,
    /// Where programs are started, if not in a directory of their own, or, by a command, where the
    /// tool was.
    directory: RefCell<Option<PathBuf>>,
    /// What the programs of this trial said on stderr; the runner looks for open gaps in it.
    stderr: RefCell<String>,
    begun: Instant,
    /// What crosses the wire, where no other check's packets do.
    tap: Option<Tap>,
    /// The program was started as a server.
    serves: Cell<bool>,
}

impl<'t> Trial<'t> {
    /// The same seed and check give the same inputs, in whatever order checks run.
    pub fn new(
        target: &'t Target,
        check: &str,
        seed: u64,
        course: &'t Course,
        pace: Pace,
    ) -> Trial<'t> {
        let name = check.bytes().fold(seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3) // FNV-1a's prime
        });
        Trial {
            target,
            random: RefCell::new(fastrand::Rng::with_seed(name)),
            course,
            ajar: Cell::new(false),
            elsewhere: Cell::new(false),
            pace,
            given_up: Cell::default(),
            sandbox_failed: RefCell::default(),
            directory: RefCell::default(),
            stderr: RefCell::default(),
            begun: Instant::now(),
            tap: match network::available() {
                Network::Private => Tap::open().ok(),
                Network::Host => None,
            },
            serves: Cell::default(),
        }
    }

    /// Says where programs are started from now on.
    pub fn work_in(&self, directory: &Path) {
        self.directory.replace(Some(directory.to_owned()));
    }

    /// Where programs are started, if `work_in` has said so.
    pub fn directory(&self) -> Option<PathBuf> {
        self.directory.borrow().clone()
    }

    /// Why one of its programs was given up, which had no end of sending.
    pub fn has_given_up(&self) -> Option<Event> {
        self.given_up.get()
    }

    /// What was wrong with the sandbox of one of its programs: no fault of the program's.
    pub fn sandbox_failed(&self) -> Option<String> {
        self.sandbox_failed.borrow().clone()
    }

    /// Whether a long wait is not worth its while any more: another check has failed.
    pub fn is_given_up(&self) -> bool {
        self.pace == Pace::WhileAllIsWell && self.course.failed()
    }

    /// In what way the program does what its doors have found wrong.
    pub fn manner(&self) -> Manner {
        self.course.manner()
    }

    /// Says of a door that fails that the others can be tried all the same, in the way that was seen.
    pub fn others_go_on(&self, learn: impl FnOnce(&mut Manner)) {
        self.course.learn(learn);
        self.ajar.set(true);
    }

    /// Whether a server was seen to wait at another port than it was told.
    pub fn was_elsewhere(&self) -> bool {
        self.elsewhere.get()
    }

    /// Whether the others can be tried though this door has failed.
    pub fn is_ajar(&self) -> bool {
        self.ajar.get()
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
        self.server_with(address, &[])
    }

    /// The same as `server`, in another time zone than that of the checks.
    pub fn server_in(&self, zone: &Zone) -> Result<Server<'_>, Stop> {
        self.server_with(Ipv4Addr::UNSPECIFIED, &[("TZ", OsStr::new(&*zone.name))])
    }

    fn server_with(
        &self,
        address: impl fmt::Display,
        variables: &[(&str, &OsStr)],
    ) -> Result<Server<'_>, Stop> {
        const TRIES: usize = 5;
        self.serves.set(true);
        for tries_left in (0..TRIES).rev() {
            let port = self.free_port()?;
            let started = self.start(&address, port, Screen::Pipe, variables)?;
            match started.until_it_listens(port) {
                // A port that is written in the program is the one it was seen to open.
                Ok(socket) => return Ok(Server { started, port: socket.local.port(), socket }),
                Err(event) => match (started.rival(port), started.waits_elsewhere()) {
                    (Some(rival), _) if self.target.port_is_fixed() => {
                        return Err(Stop::Fault(rival));
                    }
                    (Some(_), _) if tries_left > 0 => {} // somebody was quicker: another port
                    (_, other) => {
                        self.elsewhere.set(other.is_some());
                        return Err(started.does_not_listen(port, &event).into());
                    }
                },
            }
        }
        unreachable!("the last try returns")
    }

    /// Whether the program was started as a server.
    pub fn serves(&self) -> bool {
        self.serves.get()
    }

    /// What has gone over the wire, if it could be seen.
    pub fn exchange(&self) -> Exchange {
        let role = if self.serves.get() { Role::Server } else { Role::Client };
        let packets = self.tap.as_ref().map(Tap::packets).unwrap_or_default();
        Exchange::of(&packets, role, CLIENT)
    }

    /// Starts the program as a client of the server that the check plays, with variables in its
    /// environment.
    pub fn client_with(
        &self,
        server: SocketAddrV4,
        variables: &[(&str, &OsStr)],
    ) -> Result<Started<'_>, Stop> {
        self.start(server.ip(), server.port(), Screen::Pipe, variables)
    }

    /// The same, where a person's screen is what is judged: standard output is a terminal.
    pub fn client_on_a_terminal(
        &self,
        server: SocketAddrV4,
        variables: &[(&str, &OsStr)],
    ) -> Result<Started<'_>, Stop> {
        self.start(server.ip(), server.port(), Screen::Terminal, variables)
    }

    /// Starts the program for something else than to serve: these arguments take the place of those
    /// for address and port.
    pub fn job(&self, arguments: &[&str]) -> Result<Started<'_>, Stop> {
        let is_own = |word: &&OsString| {
            blank(word).is_none_or(|word| !word.contains("{address}") && !word.contains("{port}"))
        };
        let words = self.target.command.iter().filter(is_own).cloned();
        let arguments = arguments.iter().map(OsString::from);
        self.start_words(&words.chain(arguments).collect::<Vec<_>>(), Screen::Pipe, &[])
    }

    fn start(
        &self,
        address: impl fmt::Display,
        port: u16,
        screen: Screen,
        variables: &[(&str, &OsStr)],
    ) -> Result<Started<'_>, Stop> {
        let words = self.target.words(&address, port);
        let mut started = self.start_words(&words, screen, variables)?;
        started.answer_prompts(address, port);
        Ok(started)
    }

    /// Whether the program has no way to be told its address: neither a word of its command nor a
    /// question of its own.
    pub fn address_is_fixed(&self) -> bool {
        self.target.address_is_fixed() && !self.manner().asks_for_address
    }

    fn start_words(
        &self,
        words: &[OsString],
        screen: Screen,
        variables: &[(&str, &OsStr)],
    ) -> Result<Started<'_>, Stop> {
        let (first, arguments) = words.split_first().expect("a command has a first word");
        let cannot = |error: io::Error| {
            Stop::Fault(format!("cannot start {}: {error}", escape::path(first)))
        };
        let own = match self.target.origin {
            Origin::Set(_) => Some(Scratch::directory().map_err(cannot)?),
            Origin::Command => None,
        };
        let own_path = own.as_ref().map(|own| fs::canonicalize(own.path())).transpose();
        let own_path = own_path.map_err(cannot)?;
        let elsewhere = self.directory();
        let writable = elsewhere.as_ref().map(fs::canonicalize).transpose().map_err(cannot)?;
        let command = match elsewhere {
            Some(directory) if self.manner().at_its_file => {
                brought(from_anywhere(words), &directory).map_err(cannot)?
            }
            Some(_) => from_anywhere(words),
            None => words.to_vec(),
        };
        let own_directory = own_path.as_deref();
        let enclosure = match (&self.target.sandbox, own_directory) {
            (Some(_), Some(own)) => {
                Some(self.target.enclosure(own, writable.as_deref(), variables).map_err(cannot)?)
            }
            _ => None,
        };
        let program = Program::start(&Start {
            command: &command,
            directory: writable.as_deref().or(own_path.as_deref()).unwrap_or(Path::new(".")),
            variables,
            screen,
            view: own_directory.map(|own| self.target.view(own, writable.as_deref())),
            enclosure,
            budget: Budget::Program,
            time: limits::CHECK.saturating_sub(self.begun.elapsed()),
        });
        let program = program.map_err(cannot)?;
        let name = Path::new(first).file_name().unwrap_or(first).to_owned();
        let command_line = shell(&[&[name], arguments].concat());
        Ok(Started { trial: self, program, command_line, _own: own })
    }

    /// A port nobody has, or the lab's own where the program cannot be told another.
    fn free_port(&self) -> Result<u16, Stop> {
        if self.target.port_is_fixed() {
            self.until_nothing_remains(self.target.facts.port);
            return Ok(self.target.facts.port);
        }
        let anywhere = (Ipv4Addr::UNSPECIFIED, 0);
        let address = match self.target.facts.transport {
            Transport::Tcp => TcpListener::bind(anywhere).and_then(|socket| socket.local_addr()),
            Transport::Udp => UdpSocket::bind(anywhere).and_then(|socket| socket.local_addr()),
        };
        address.map(|address| address.port()).map_err(|error| no_port(0, &error))
    }

    /// A server without SO_REUSEADDR cannot have a port at which something is left of an earlier check's
    /// connections, where checks share a network.
    fn until_nothing_remains(&self, port: u16) {
        let start = Instant::now();
        while network::available() == Network::Host
            && start.elapsed() < sockets::REMAINS
            && sockets::remains(port)
        {
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Where the check's own server is to listen.
    pub fn own_address(&self) -> SocketAddrV4 {
        let port = match self.manner().asks_at {
            Some(port) => port,
            None if self.target.port_is_fixed() => self.target.facts.port,
            None => 0,
        };
        SocketAddrV4::new(self.target.server, port)
    }
}

/// The check cannot have the port it needs.
pub fn no_port(port: u16, error: &std::io::Error) -> Stop {
    let wanted = if port == 0 { "any port".to_owned() } else { format!("port {port}") };
    Stop::Fault(format!("the check needs {wanted} of 127.0.0.1 for itself: {error}"))
}
