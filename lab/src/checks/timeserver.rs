//! Checks of timeserver. Its Python original ends an answer without a newline, so a newline after an
//! answer may be there or not; that it should be there is advice.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta, Utc};

use crate::checks::check::Check;
use crate::checks::common::{address, listens};
use crate::os::program::{Event, Patience, said};
use crate::os::{sockets, zone};
use crate::text::bytes::quote;
use crate::trial::{Failure, Server, Stop, Trial, Verdict};
use crate::wire::peers::{End, TcpClient};

const INVALID: &str = "Invalid command!";
const CTIME: &str = "%a %b %e %H:%M:%S %Y";

/// How long the program may wait for a client, and how much earlier or later is still the same.
const IDLE: Duration = Duration::from_secs(15);
const EARLY: Duration = Duration::from_millis(100);
/// How long the rest of a line may take.
const A_MOMENT: Patience = Patience { idle: Duration::from_millis(200), ..Patience::SHORT };
/// A program that has slept so long without a break is late, however slow the machine is.
const TOO_LATE: Patience = Patience { idle: Duration::from_millis(16_500), ..Patience::SHORT };

const TAKEN: &str = "this was taken for TIME, which it is not";
const ONE_READ: &str = "Treat what one read returns, up to 1024 bytes, as one command; white space before and after it does not count.";
const IN_PIECES: &str = "one command is answered more than once: is it read in pieces?";
const OTHERS: &str = "Anything else, a blank line included, is answered with `Invalid command!` and \
                      a newline.";

pub const CHECKS: &[Check] = &[
    Check::new(
        "listens",
        "a TCP socket listens at the port",
        "bind",
        "The time server listens at the ADDRESS and PORT it was given.",
        listens,
    )
    .beginning(),
    Check::new(
        "greets",
        "a client is told its own address and port",
        "greet",
        "As soon as a client is connected, the server sends it `You are connected from \
         IP:PORT` and a newline: the client's own IP address and port.",
        greets,
    )
    .after("listens"),
    Check::new(
        "address",
        "it listens at the ADDRESS it is given",
        "bind",
        "The time server listens at the ADDRESS and PORT it was given.",
        address,
    )
    .after("listens")
    .beginning(),
    Check::new(
        "time",
        "TIME is answered with the time",
        "time",
        "`TIME` is answered with the local time, written as Python's `time.ctime()` writes it, \
         and a newline.",
        time,
    )
    .after("listens"),
    Check::new("invalid", "anything else is an invalid command", "invalid", OTHERS, invalid)
        .after("time"),
    Check::new(
        "several",
        "several commands in turn, with white space around them",
        "receive",
        ONE_READ,
        several,
    )
    .after("time"),
    Check::new(
        "next",
        "the next client is served, however the last one left",
        "accept",
        "When a client has closed the connection, the next one is served, without end.",
        next,
    )
    .after("listens")
    .beginning(),
    Check::new(
        "exit",
        "EXIT closes every socket and ends the server",
        "exit",
        "At `EXIT` the server closes all its sockets, the one at which clients queue up \
         included, and ends with exit status 0.",
        exit,
    )
    .after("time")
    .points(2),
    Check::new(
        "idle",
        "a silent client is let go after 15 s",
        "timeout",
        "A client that sends no command for 15 seconds, or does not read its answers for as \
         long, is let go, and the next is served.",
        idle,
    )
    .after("listens"),
    Check::new(
        "newline",
        "an answer ends in a newline",
        "time",
        "The newline tells the client where an answer ends.",
        newline,
    )
    .after("time")
    .advice(),
    Check::new("blank", "a blank line is an invalid command", "receive", OTHERS, blank)
        .after("invalid")
        .advice(),
    Check::new("bytes", "bytes that are no text are an invalid command", "receive", OTHERS, bytes)
        .after("invalid")
        .advice(),
    Check::new(
        "reset",
        "a client that resets does not end the server",
        "receive",
        "An error with one client must not stop the server.",
        reset,
    )
    .after("next")
    .advice(),
];

/// A client that was greeted, and talks with the server.
struct Caller<'s> {
    server: &'s Server<'s>,
    client: TcpClient<'s>,
    /// What was done up to now, as a report says it.
    did: String,
    /// What has come and was not looked at yet.
    bytes: Vec<u8>,
    /// What came before the first command.
    greeting: Vec<u8>,
}

impl<'s> Caller<'s> {
    fn begin(server: &'s Server<'s>) -> Result<Caller<'s>, Stop> {
        Caller::of(server, TcpClient::connect(server)?, Patience::SHORT)
    }

    /// Waits for the greeting, whatever it says: what is wrong with it costs the check `greets` alone.
    fn of(
        server: &'s Server<'s>,
        client: TcpClient<'s>,
        patience: Patience,
    ) -> Result<Caller<'s>, Stop> {
        let (did, bytes) = ("connected".to_owned(), Vec::new());
        let mut visit = Caller { server, client, did, bytes, greeting: Vec::new() };
        let mine = visit.client.address()?;
        let end = visit.read(patience, |bytes| bytes.ends_with(b"\n") || names(bytes, mine));
        if names(&visit.bytes, mine) && !visit.bytes.ends_with(b"\n") {
            visit.read(A_MOMENT, |bytes| bytes.ends_with(b"\n")); // its end, if it has one
        }
        visit.greeting = std::mem::take(&mut visit.bytes);
        if !visit.greeting.is_empty() || (visit.client.open && visit.client.is_accepted()) {
            return Ok(visit);
        }
        let end = end.unwrap_or(End::Open(Event::Idle));
        let failure = visit.client.silence(visit.not_greeted()?.silence(), &end);
        Err(match visit.client.open {
            true => failure.gap("accept"),
            false => failure,
        }
        .into())
    }

    fn not_greeted(&self) -> Result<Failure, Stop> {
        let shown = quote(greeting(self.client.address()?).as_bytes());
        let trial = self.server.trial();
        let failure = match trial.target.words_are_free() {
            true => self.failure("a line with the client's own IP address and port"),
            false => self.failure(&format!("the line {shown}")),
        };
        Ok(failure.replay(format!("nc 127.0.0.1 {}", trial.target.facts.port)))
    }

    /// Looks at the greeting: in a program of another course, any words that hold both will do.
    fn is_greeted(&self) -> Verdict {
        let mine = self.client.address()?;
        let greeting = greeting(mine);
        let is_free = self.server.trial().target.words_are_free();
        if self.greeting == greeting.as_bytes() || (is_free && names(&self.greeting, mine)) {
            return Ok(());
        }
        let failure = self.not_greeted()?;
        if self.greeting.is_empty() {
            let failure = self.client.silence(failure.silence(), &End::Open(Event::Idle));
            return Err(self.server.or_printed(failure, greeting.trim_end().as_bytes()).into());
        }
        let failure = failure.received(quote(&self.greeting));
        let its_own = self.server.address();
        let its_own = names(&self.greeting, its_own) && its_own.port() != mine.port();
        Err(if its_own {
            failure.cause("this is the server's own address; the client's comes from accept")
        } else if self.greeting == greeting.trim_end().as_bytes() {
            failure.cause("the newline at its end is missing: \\n in Rust")
        } else {
            failure
        }
        .into())
    }

    /// Reads on until `enough` has come, or says why it does not.
    fn read(&mut self, patience: Patience, enough: impl Fn(&[u8]) -> bool) -> Option<End> {
        self.client.read_until(patience, &mut self.bytes, enough)
    }

    fn failure(&self, expected: &str) -> Failure {
        Failure::new(self.did.clone(), expected)
    }

    fn send(&mut self, command: &[u8]) {
        let sent = quote(command);
        self.did = match self.did.contains(" sent ") {
            true => format!("{}, then {sent}", self.did),
            false => format!("{} and sent {sent}", self.did),
        };
        self.client.send(command);
    }

    /// Sends a command; any answer will do that is not the time.
    fn ask_in_any_words(&mut self, command: &[u8]) -> Verdict {
        self.send(command);
        let there = |bytes: &[u8]| !bytes.trim_ascii().is_empty();
        let end = self.read(Patience::SHORT, there);
        if !self.bytes.ends_with(b"\n") {
            self.read(A_MOMENT, |bytes| bytes.ends_with(b"\n")); // its end, if it has one
        }
        let answer = std::mem::take(&mut self.bytes);
        let replay = self.server.trial().replay_send(command);
        let failure = self.failure("an answer that says that this is no command").replay(replay);
        if !there(&answer) {
            let end = end.unwrap_or(End::Open(Event::Idle));
            return Err(self.client.silence(failure.silence(), &end).into());
        }
        if answer.trim_ascii() == command.trim_ascii() {
            return Err(failure.received(format!("{}, as it was sent", quote(&answer))).into());
        }
        match is_a_time(String::from_utf8_lossy(&answer).trim()) {
            true => Err(failure.received(quote(&answer)).gap("receive").cause(TAKEN).into()),
            false => Ok(()),
        }
    }

    /// In what an answer may end: a program of another course ends its lines as it likes.
    fn line_ends(&self) -> &'static [&'static [u8]] {
        match self.server.trial().target.words_are_free() {
            true => &[b"", b"\n", b"\r", b"\r\n"], // the rest may come late
            false => &[b"", b"\n"],
        }
    }

    /// Sends a command and reads its answer, one of these; gives back which one. `shown` is
    /// what a report says is expected.
    fn ask(&mut self, command: &[u8], answers: &[String], shown: &str) -> Verdict {
        self.send(command);
        let length = answers.first().map_or(0, String::len);
        let ends = self.line_ends();
        // The newline of the answer before it may come late, or not at all.
        let answer = |bytes: &[u8]| -> Vec<u8> {
            ends.iter().rev().find_map(|end| bytes.strip_prefix(*end)).unwrap_or(bytes).to_vec()
        };
        let end = self.read(Patience::SHORT, |bytes| answer(bytes).len() >= length);
        let received = answer(&self.bytes);
        let right = answers.iter().find_map(|right| received.strip_prefix(right.as_bytes()));
        if let Some(rest) = right.filter(|rest| ends.contains(rest)) {
            self.bytes = rest.to_vec();
            return Ok(());
        }
        let replay = self.server.trial().replay_send(command);
        let failure = self.failure(shown).replay(replay);
        if received.is_empty() {
            let failure = failure.silence();
            let end = end.unwrap_or(End::Open(Event::Idle));
            let failure = self.client.silence(failure, &end);
            return Err(match self.client.open && self.client.is_waited_for() {
                true => failure
                    .cause(
                        "the program waits for more bytes, and the client waits for the answer: \
                         TCP has no end of a message, read once",
                    )
                    .gap("receive"),
                false => failure,
            }
            .into());
        }
        let failure = failure.received(quote(&received));
        let again =
            right.is_some_and(|rest| rest.trim_ascii_start().starts_with(INVALID.as_bytes()));
        let failure = match again {
            true => failure.cause(IN_PIECES).gap("receive"),
            false => failure,
        };
        Err(match end {
            Some(End::Closed) => failure.received("then the connection was closed"),
            Some(End::Reset) => failure.received("then the connection was reset"),
            _ => failure,
        }
        .into())
    }

    fn ask_invalid(&mut self, command: &[u8]) -> Verdict {
        if self.server.trial().target.words_are_free() {
            return self.ask_in_any_words(command);
        }
        let shown = format!("the answer {}", quote(format!("{INVALID}\n").as_bytes()));
        let asked = self.ask(command, &[INVALID.to_owned()], &shown);
        asked.map_err(|stop| match is_a_time(String::from_utf8_lossy(&self.bytes).trim()) {
            true => stop.look("receive").or_cause(TAKEN),
            false => stop,
        })
    }

    /// Asks for the time and compares the answer with the clock.
    fn ask_time(&mut self, command: &[u8]) -> Verdict {
        let before = zone::of_checks().now();
        // The program's clock may be a tick behind; how long it takes to answer is not known.
        const SECONDS: i64 = 60;
        let at = |second: i64| before + TimeDelta::seconds(second);
        let answers: Vec<String> =
            (-1..SECONDS).map(|second| at(second).format(CTIME).to_string()).collect();
        let shown = format!("the time, {}", quote(format!("{}\n", answers[1]).as_bytes()));
        self.ask(command, &answers, &shown).map_err(|stop| match self.cause(before) {
            Some(cause) => stop.or_cause(&cause),
            None => stop,
        })?;
        Ok(())
    }

    /// What an answer that is not the time looks like.
    fn cause(&self, before: DateTime<FixedOffset>) -> Option<String> {
        let text = String::from_utf8_lossy(&self.bytes);
        let text = text.trim();
        let times = || (-1..60).map(|second| before + TimeDelta::seconds(second));
        let here = |form: &str| times().any(|time| text == time.format(form).to_string());
        let near = |form: &str| {
            let mut in_utc = times().map(|time| time.with_timezone(&Utc));
            here(form) || in_utc.any(|time| text == time.format(form).to_string())
        };
        if here(CTIME) {
            Some("this is the time, and more around it than a newline at its end".to_owned())
        } else if near(CTIME) {
            Some("this is the time in UTC; the local time is expected".to_owned())
        } else if near("%a %b %d %H:%M:%S %Y") {
            Some("the day is padded with a zero; `ctime` pads it with a space, `%e`".to_owned())
        } else if is_a_time(text) {
            Some("this looks as a time should, but it is not the time of now".to_owned())
        } else {
            None
        }
    }

    /// Says that nothing more comes, and reads what the server still has to say: nothing.
    fn leave(mut self) -> Verdict {
        self.client.finish()?;
        let end = self.read(Patience::SHORT, |_| false).expect("it reads to the end");
        if !self.line_ends().contains(&self.bytes.as_slice()) {
            let failure = self.failure("no more than the answers");
            let failure = failure.received(format!("{} besides", quote(&self.bytes)));
            return Err(match self.bytes.trim_ascii_start().starts_with(INVALID.as_bytes()) {
                true => failure.cause(IN_PIECES).gap("receive"),
                false => failure,
            }
            .into());
        }
        let failure = self.failure("the end of the connection, since the client has closed it");
        match end {
            End::Closed => Ok(()),
            // How a connection breaks when the program ends is luck.
            End::Reset => Ok(()),
            End::Open(event) => Err(failure
                .received("the connection stays open")
                .lines(self.server.observed(&event))
                .gap("receive")
                .into()),
        }
    }
}

fn is_a_time(text: &str) -> bool {
    NaiveDateTime::parse_from_str(text, CTIME).is_ok()
}

/// Whether a text holds an IP address and a port, each as a whole number or word.
fn names(text: &[u8], address: SocketAddr) -> bool {
    let text = String::from_utf8_lossy(text);
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    let words: Vec<&str> = words.map(|word| word.trim_matches('.')).collect();
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    words.contains(&ip.as_str()) && words.contains(&port.as_str())
}

fn greeting(client: SocketAddr) -> String {
    format!("You are connected from {client}\n")
}

/// A client that is greeted and leaves.
fn visit(server: &Server) -> Verdict {
    Caller::begin(server)?.leave()
}

fn greets(trial: &Trial) -> Verdict {
    Caller::begin(&trial.server()?)?.is_greeted()
}

fn time(trial: &Trial) -> Verdict {
    Caller::begin(&trial.server()?)?.ask_time(b"TIME")
}

fn invalid(trial: &Trial) -> Verdict {
    let (word, long) = (trial.letters(5), trial.letters(1024));
    let server = trial.server()?;
    let mut visit = Caller::begin(&server)?;
    for command in [&b"HELLO"[..], &word, b"TIMES", b"time", b"exit\n", b"TIME EXIT", &long] {
        visit.ask_invalid(command)?;
    }
    visit.leave()
}

fn several(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let mut visit = Caller::begin(&server)?;
    for command in [&b"TIME"[..], b"TIME\n", b" \tTIME \r\n", b"TIME"] {
        visit.ask_time(command)?;
    }
    visit.leave()
}

fn next(trial: &Trial) -> Verdict {
    const MANY: usize = 10_000;
    let server = trial.server()?;
    let leave = |said: &[u8]| -> Verdict {
        let mut client = TcpClient::connect(&server)?;
        client.send(said);
        client.finish()?;
        client.read_to_end();
        Ok(())
    };
    visit(&server)?;
    visit(&server).map_err(|stop| stop.after("a first client was served"))?;
    leave(b"")?;
    visit(&server).map_err(|stop| stop.after("a client left without a word"))?;
    leave(b"TI")?;
    visit(&server).map_err(|stop| stop.after("a client sent \"TI\" and left"))?;
    leave(&b"TIME\n".repeat(MANY))?;
    let many = format!("a client sent {MANY} commands in one go and left");
    visit(&server).map_err(|stop| stop.after(&many))?;
    let mut queue = Vec::new();
    for _ in 0..3 {
        queue.push(TcpClient::connect(&server)?);
    }
    queue.into_iter().try_for_each(|client| {
        let visit = Caller::of(&server, client, Patience::SHORT);
        visit.map_err(|stop| stop.after("three clients queued up"))?.leave()
    })
}

/// Another client waits meanwhile: it is turned away, and holds nobody up.
fn exit(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let mut visit = Caller::begin(&server)?;
    let _in_the_queue = TcpClient::connect(&server)?;
    visit.did += " and sent \"EXIT\" while another client waited";
    visit.client.send(b"EXIT");
    let end = visit.read(Patience::SHORT, |_| false).unwrap_or(End::Open(Event::Idle));
    let failure = visit
        .failure("the end of the connection, and of the program with exit status 0")
        .replay(trial.replay_send(b"EXIT"));
    if !visit.bytes.is_empty() && !trial.target.words_are_free() {
        let failure = failure.received(quote(&visit.bytes));
        return Err(failure.cause("EXIT has no answer").into());
    }
    if let End::Open(event) = end {
        let failure = failure.received("the connection is open");
        return Err(failure.lines(server.observed(&event)).into());
    }
    let failure = match server.wait() {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => failure.received(said(status)).lines(server.last_words()),
        Err(event) => {
            let failure = failure.received("the connection was closed, but not the server");
            let failure = failure.lines(server.observed(&event));
            let open = sockets::of(&server.processes());
            match open.iter().any(|socket| socket.local.port() == server.port) {
                true => failure.cause(
                    "only the client's socket was closed: the one at which clients queue up is \
                     still open",
                ),
                false => failure,
            }
        }
    };
    Err(failure.into())
}

/// One client says nothing at all, the other one nothing more; a third and a fourth wait for them.
fn idle(trial: &Trial) -> Verdict {
    trial.takes_long();
    let at_once = trial.server()?;
    // Two at once, if both can have a port.
    let later = if trial.target.port_is_fixed() { None } else { Some(trial.server()?) };
    let start = Instant::now();
    let mut silent = Caller::begin(&at_once)?;
    silent.did = "connected and sent nothing".to_owned();
    let mut visits = vec![(silent, TOO_LATE)];
    if let Some(later) = &later {
        let mut asked = Caller::begin(later)?;
        asked.ask_time(b"TIME")?;
        asked.did += " and no more";
        // Both wait at the same time.
        let soon = Patience { idle: Duration::from_millis(1500), ..Patience::SHORT };
        visits.push((asked, soon));
    }
    for (visit, patience) in &mut visits {
        let patience = *patience;
        let end = match visit.client.read_patiently(patience, &mut visit.bytes) {
            None => return Err(Stop::GivenUp),
            Some(Err(end)) => end,
            // The newline of an answer may have come late.
            Some(Ok(())) => match visit.client.read_patiently(patience, &mut visit.bytes) {
                None => return Err(Stop::GivenUp),
                Some(Err(end)) => end,
                Some(Ok(())) => {
                    let failure = visit.failure("no answer without a command");
                    return Err(failure.received("an answer").into());
                }
            },
        };
        let took = start.elapsed();
        let replay = format!("nc 127.0.0.1 {}", trial.target.facts.port);
        let failure = visit.failure("the end of the connection after 15 s").replay(replay);
        match end {
            End::Open(event) => {
                return Err(match event {
                    Event::Exited(status) => failure.received(said(status)),
                    _ => failure
                        .received("the connection is still open after 16 s")
                        .lines(visit.server.observed(&event)),
                }
                .into());
            }
            _ if took + EARLY < IDLE => {
                let failure = failure.received(format!("its end after {} s", took.as_secs()));
                return Err(failure.lines(visit.server.last_words()).into());
            }
            _ => {}
        }
        Caller::begin(visit.server).map_err(|stop| stop.after("a silent client was let go"))?;
    }
    Ok(())
}

fn newline(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let mut visit = Caller::begin(&server)?;
    visit.ask_time(b"TIME")?;
    visit.client.finish()?;
    let _ = visit.read(Patience::SHORT, |_| false); // to the end, however it comes
    if visit.bytes.ends_with(b"\n") && visit.line_ends().contains(&visit.bytes.as_slice()) {
        return Ok(());
    }
    let failure = visit.failure("the time and a newline");
    Err(failure.received("the time, and no newline behind it").into())
}

fn blank(trial: &Trial) -> Verdict {
    Caller::begin(&trial.server()?)?.ask_invalid(b"\n")
}

fn bytes(trial: &Trial) -> Verdict {
    Caller::begin(&trial.server()?)?.ask_invalid(b"\xff\xfe")
}

/// One resets as soon as it is connected; another has waited in the queue and sent something.
fn reset(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    TcpClient::connect(&server)?.reset()?;
    visit(&server).map_err(|stop| stop.after("a first client reset its connection"))?;
    let first = Caller::begin(&server)?;
    let mut queued = TcpClient::connect(&server)?;
    queued.send(b"TIME");
    queued.reset()?;
    first.leave()?;
    let queued = "a client in the queue sent TIME and reset its connection";
    visit(&server).map_err(|stop| stop.after(queued))
}
