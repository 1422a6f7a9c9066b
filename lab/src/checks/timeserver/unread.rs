//! Clients that ask, and do not read what they are answered.

use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use super::{EARLY, IDLE, TOO_LATE, caller::Caller};
use crate::os::program::{Event, Patience, said};
use crate::os::sockets;
use crate::trial::{Failure, Server, Stop, Trial, Verdict};

/// What one read takes: white space around a command does not count, wherever a read begins.
const COMMAND: usize = 1024;
/// With small segments the kernel gives the server less room for answers that nobody takes.
const SMALL: u32 = 536;
/// A server that sleeps for so long, though there is something to read, waits for its client to read.
const STUCK: Patience = Patience { idle: Duration::from_millis(200), ..Patience::SHORT };
const NOW_AND_THEN: Duration = Duration::from_millis(100);

/// A client that asks on and on.
struct Deaf<'s> {
    server: &'s Server<'s>,
    stream: TcpStream,
    command: &'static str,
    gap: &'static str,
    /// What it sends, over and over again, and how much of that it has sent.
    bytes: Vec<u8>,
    sent: usize,
    /// It sends no more.
    over: bool,
    begin: Instant,
    /// How much the server has not read as it waits.
    left: Option<u64>,
}

/// What the server does with such a client.
#[derive(Clone, Copy)]
enum Reaction {
    LetGo,
    ReadOn,
    GivenUp,
}

/// Which part of an answer fits is luck, so two clients ask the same.
pub(super) fn unread(trial: &Trial) -> Verdict {
    let kinds = [("TIME", "time"), ("HELLO", "invalid"), ("TIME", "time"), ("HELLO", "invalid")];
    let count = if trial.target.port_is_fixed() { 1 } else { kinds.len() }; // if all can have a port
    let servers = (0..count).map(|_| trial.server()).collect::<Result<Vec<_>, _>>()?;
    let mut deaf = Vec::new();
    for (server, (command, gap)) in servers.iter().zip(kinds) {
        deaf.push(Deaf::connect(server, command, gap)?);
    }
    fill(&mut deaf);
    stand_still(&mut deaf)?;
    deaf.iter().try_for_each(Deaf::is_let_go)
}

/// All ask until their servers wait for them. Who is not waited for is left out.
#[expect(clippy::indexing_slicing, reason = "the number of one of them")]
fn fill(deaf: &mut Vec<Deaf>) {
    for number in 0..deaf.len() {
        let waited = deaf[number].server.patiently(STUCK, || {
            deaf.iter_mut().for_each(Deaf::ask);
            deaf[number].over.then_some(())
        });
        deaf[number].over |= !matches!(waited, Err(Event::Idle));
    }
    deaf.retain(|client| !client.over);
}

/// Waits until the kernel has found room for the last answer that has any. Whose server reads on after
/// that is not waited for: it has its own pace.
fn stand_still(deaf: &mut Vec<Deaf>) -> Verdict {
    const TURNS: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(2)];
    for turn in TURNS {
        let Some(server) = deaf.first().map(|client| client.server) else { return Ok(()) };
        let begin = Instant::now();
        let waited = server.patiently(TOO_LATE, || match server.trial().is_given_up() {
            true => Some(Err(Stop::GivenUp)),
            false => (begin.elapsed() >= turn).then_some(Ok(())),
        });
        waited.unwrap_or(Ok(()))?; // a server that has ended shows when it is to let go
        for client in deaf.iter_mut() {
            let before = client.left;
            client.left = client.unread();
            client.over = before.is_some() && before != client.left;
        }
        deaf.retain(|client| !client.over);
    }
    Ok(())
}

impl<'s> Deaf<'s> {
    fn connect(
        server: &'s Server<'s>,
        command: &'static str,
        gap: &'static str,
    ) -> Result<Deaf<'s>, Stop> {
        const LATE: Duration = Duration::from_secs(10);
        let fault = |error| Stop::Fault(format!("the check's own socket failed: {error}"));
        let address = server.address();
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None);
        let socket = socket.map_err(fault)?;
        socket.set_recv_buffer_size(4096).map_err(fault)?;
        socket.set_tcp_mss(SMALL).map_err(fault)?;
        if let Err(error) = socket.connect_timeout(&address.into(), LATE) {
            let failure = Failure::new("connected", "a connection").received(error.to_string());
            return Err(failure.lines(server.observed(&Event::Idle)).gap("accept").into());
        }
        socket.set_nonblocking(true).map_err(fault)?;
        let bytes = format!("{command:^COMMAND$}").repeat(64).into_bytes();
        let (stream, begin) = (socket.into(), Instant::now());
        Ok(Deaf { server, stream, command, gap, bytes, sent: 0, over: false, begin, left: None })
    }

    /// Asks as often as there is room for it.
    fn ask(&mut self) {
        const MOST: usize = 64 << 20;
        while !self.over {
            let rest = self.bytes.get(self.sent % self.bytes.len()..).unwrap_or_default();
            match self.stream.write(rest) {
                Ok(length) => self.sent += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => self.over = true, // what it does with many commands is another check's business
            }
            self.over |= self.sent >= MOST;
        }
    }

    /// The server's end of the connection: how much is there to be read.
    fn unread(&self) -> Option<u64> {
        let mine = self.stream.local_addr().ok();
        let theirs = sockets::of(&self.server.processes());
        theirs.iter().find(|socket| Some(socket.remote) == mine).map(|socket| socket.unread)
    }

    fn is_let_go(&self) -> Verdict {
        let trial = self.server.trial();
        let did = format!("sent {} again and again, and read no answer", self.command);
        let failure = Failure::new(did, "the end of the connection after 15 s");
        let mut looked = Instant::now();
        let waited = self.server.patiently(TOO_LATE, || {
            if trial.is_given_up() {
                return Some(Reaction::GivenUp);
            }
            if looked.elapsed() < NOW_AND_THEN {
                return None;
            }
            looked = Instant::now();
            match self.unread() {
                None if self.server.exited().is_some() => None,
                None => Some(Reaction::LetGo),
                left => (left < self.left).then_some(Reaction::ReadOn),
            }
        });
        match waited {
            Ok(Reaction::GivenUp) => Err(Stop::GivenUp),
            Ok(Reaction::LetGo) if self.begin.elapsed() + EARLY < IDLE => {
                let failure = failure.received("its end before that");
                Err(failure.lines(self.server.last_words()).into())
            }
            Ok(Reaction::LetGo) => Caller::begin(self.server)
                .map(|_| ())
                .map_err(|stop| stop.after("a client that did not read was let go")),
            Ok(Reaction::ReadOn) => Err(failure
                .received("after 15 s the server goes on with the next command")
                .cause("an answer that cannot be sent is an error, which ends the talk with this client")
                .gap(self.gap)
                .into()),
            Err(Event::Exited(status)) => {
                let failure = failure.received(said(status)).lines(self.server.last_words());
                Err(failure.gap(self.gap).into())
            }
            Err(event) => Err(failure
                .received("the connection is still open after 16 s")
                .lines(self.server.observed(&event))
                .into()),
        }
    }
}
