//! A program of a trial that runs: what it does, what it waits for, what it said.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::Deref;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use memchr::memmem;
use socket2::{Domain, Type};

use crate::os::network::{self, Network};
use crate::os::processes;
use crate::os::program::{Event, Patience, Program, said};
use crate::os::scratch::Scratch;
use crate::os::sockets::{self, Socket, Transport};
use crate::trial::{Failure, Origin, Stop, Trial, Verdict};

/// A started program of a trial.
pub struct Started<'t> {
    pub(super) trial: &'t Trial<'t>,
    pub(super) program: Program,
    pub command_line: String,
    /// The program's own directory; it goes when the program has ended.
    pub(super) _own: Option<Scratch>,
}

impl Deref for Started<'_> {
    type Target = Program;
    fn deref(&self) -> &Program {
        &self.program
    }
}

impl Drop for Started<'_> {
    fn drop(&mut self) {
        self.trial.given_up.set(self.trial.given_up.get().or(self.program.given_up()));
        if let Some(failed) = self.program.sandbox_failed() {
            self.trial.sandbox_failed.replace(Some(failed));
        }
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
        let busy = event.is_busy();
        let ended = if busy { self.exited() } else { self.settle() };
        let mut lines = match (ended, self.given_up()) {
            (_, Some(event)) => vec![event.to_string()],
            (Some(status), None) => vec![said(status)],
            (None, None) if busy => vec![event.to_string()],
            (None, None) => vec![self.waits()],
        };
        lines.extend(self.last_words());
        lines
    }

    /// Waits until then without a word, as long as that is worth its while. A program that has ended
    /// meanwhile shows in what is done next.
    pub fn is_left_alone_until(&self, then: Instant) -> Verdict {
        const PATIENCE: Patience = Patience { idle: Duration::from_secs(20), ..Patience::SHORT };
        let waited = self.patiently(PATIENCE, || match self.trial.is_given_up() {
            true => Some(Err(Stop::GivenUp)),
            false => (Instant::now() >= then).then_some(Ok(())),
        });
        waited.unwrap_or(Ok(()))
    }

    /// Whether this text is on the program's screen.
    pub fn printed(&self, text: &[u8]) -> bool {
        text.len() > 1 && memmem::find(&self.stdout.bytes(), text).is_some()
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

    /// Whether the program has read all that this peer has sent, and waits for more.
    pub fn waits_for_bytes_from(&self, peer: SocketAddr) -> bool {
        let processes = self.processes();
        let reading: Vec<u64> = processes::calls(&processes)
            .filter(|call| matches!(call.name, "read" | "recv"))
            .filter_map(|call| call.inode)
            .collect();
        let waits = |socket: &Socket| {
            socket.remote == peer && reading.contains(&socket.inode) && socket.unread == 0
        };
        // On a busy machine bytes may be on their way for a while, even within one host.
        let arrived = |socket: &Socket| socket.local != peer || socket.unacknowledged == 0;
        !reading.is_empty()
            && sockets::of(&processes).iter().any(waits)
            && sockets::all().iter().all(arrived)
    }

    /// Waits for the end of the program. One with an event loop that still has its input in it ends
    /// where that is a terminal, not where it is a pipe: its input is ended, too. One that reads its
    /// input waits for it.
    pub fn wait_and_end_input(&self) -> Result<ExitStatus, Event> {
        let first = self.wait();
        match first {
            Err(Event::Idle) if processes::asleep_in(&self.processes()).is_none() => {
                self.end_input();
                self.wait()
            }
            ended => ended,
        }
    }

    /// Whether bytes for this peer are still on their way: where the program makes two small writes, the
    /// kernel keeps the second one until the first is confirmed.
    pub fn is_sending_to(&self, peer: SocketAddr) -> bool {
        sockets::all().iter().any(|socket| socket.remote == peer && socket.unacknowledged > 0)
    }

    /// The end of what the program said on stderr, and a word about a flood on stdout.
    pub fn last_words(&self) -> Vec<String> {
        const LINES: usize = 2;
        const LENGTH: usize = 160;
        let stderr = self.stderr.text();
        let said: Vec<&str> = stderr.lines().filter(|line| is_worth_showing(line)).collect();
        let mut lines: Vec<String> = said
            .iter()
            .skip(said.len().saturating_sub(LINES))
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
    pub(super) fn until_it_listens(&self, port: u16) -> Result<Socket, Event> {
        let transport = self.trial.target.facts.transport;
        let anywhere = self.trial.target.port_is_fixed() || self.trial.manner().elsewhere;
        let fits = |socket: &Socket| socket.transport == transport && socket.open_to_all;
        let there = |socket: &Socket| fits(socket) && (socket.local.port() == port || anywhere);
        // Most often the program has no socket at all yet, which costs less to see than all sockets
        // of the network. A process that it has started is looked at now and then.
        const NOW_AND_THEN: usize = 8;
        let mut looks = 0;
        let mut look = |there: &dyn Fn(&Socket) -> bool| {
            looks = usize::saturating_add(looks, 1);
            if looks % NOW_AND_THEN > 0 && !sockets::any(self.leader()) {
                return None;
            }
            sockets::of(&self.processes()).into_iter().find(there)
        };
        let patience = match self.trial.target.origin {
            Origin::Set(_) => Patience::SHORT,
            Origin::Command => Patience::LONG,
        };
        let found = self.patiently(patience, || look(&fits))?;
        // Once it waits somewhere, it has started: what else it opens, it opens soon.
        if there(&found) { Ok(found) } else { self.until(|| look(&there)) }
    }

    /// A socket as it is to have, at whatever port.
    pub(super) fn waits_elsewhere(&self) -> Option<Socket> {
        let transport = self.trial.target.facts.transport;
        let fits = |socket: &Socket| socket.transport == transport && socket.open_to_all;
        sockets::of(&self.processes()).into_iter().find(fits)
    }

    /// Who else has the port that the program was to take.
    pub(super) fn rival(&self, port: u16) -> Option<String> {
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

    pub(super) fn does_not_listen(&self, port: u16, event: &Event) -> Failure {
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
    pub(super) started: Started<'t>,
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
    /// Where a client of this host reaches it.
    pub fn address(&self) -> SocketAddr {
        match self.socket.local.ip() {
            IpAddr::V6(ip) if ip.is_unspecified() && self.is_for_ipv6_alone() => {
                (Ipv6Addr::LOCALHOST, self.port).into()
            }
            ip if ip.is_unspecified() => (Ipv4Addr::LOCALHOST, self.port).into(),
            ip => (ip, self.port).into(),
        }
    }

    /// Whether a socket at [::] leaves the port of IPv4 free; to connect would be to knock.
    fn is_for_ipv6_alone(&self) -> bool {
        let both = || {
            let socket = socket2::Socket::new(Domain::IPV4, Type::STREAM, None)?;
            socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, self.port)).into())
        };
        self.socket.transport == Transport::Tcp && both().is_ok()
    }
}
