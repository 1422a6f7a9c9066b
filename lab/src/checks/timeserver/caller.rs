//! A client of the time server's, and what it is told.

use std::net::SocketAddr;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta, Utc};

use crate::os::program::{Event, Patience};
use crate::os::zone::{self, Zone};
use crate::text::bytes::quote;
use crate::trial::{Failure, Server, Stop, Verdict};
use crate::wire::peers::{End, TcpClient};

const INVALID: &str = "Invalid command!";
const CTIME: &str = "%a %b %e %H:%M:%S %Y";

/// How long the rest of a line may take.
const A_MOMENT: Patience = Patience { idle: Duration::from_millis(200), ..Patience::SHORT };

const TAKEN: &str = "this was taken for TIME, which it is not";
const IN_PIECES: &str = "one command is answered more than once: is it read in pieces?";

/// A client that was greeted, and talks with the server.
pub(super) struct Caller<'s> {
    pub(super) server: &'s Server<'s>,
    pub(super) client: TcpClient<'s>,
    /// What was done up to now, as a report says it.
    pub(super) did: String,
    /// What has come and was not looked at yet.
    pub(super) bytes: Vec<u8>,
    /// What came before the first command.
    greeting: Vec<u8>,
    /// Where the server runs.
    zone: Zone,
}

impl<'s> Caller<'s> {
    pub(super) fn begin(server: &'s Server<'s>) -> Result<Caller<'s>, Stop> {
        Caller::of(server, TcpClient::connect(server)?, Patience::SHORT)
    }

    /// Waits for the greeting, whatever it says: what is wrong with it costs the check `greets` alone.
    pub(super) fn of(
        server: &'s Server<'s>,
        client: TcpClient<'s>,
        patience: Patience,
    ) -> Result<Caller<'s>, Stop> {
        let (did, bytes) = ("connected".to_owned(), Vec::new());
        let (greeting, zone) = (Vec::new(), zone::of_checks());
        let mut visit = Caller { server, client, did, bytes, greeting, zone };
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
            false if server.exited().is_none() && is_greeted(server) => failure
                .gap("accept")
                .cause("a second client was greeted: the program accepts two and drops the first"),
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
    pub(super) fn is_greeted(&self) -> Verdict {
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

    /// The same, where clocks show the time of this zone.
    pub(super) fn begin_in(server: &'s Server<'s>, zone: Zone) -> Result<Caller<'s>, Stop> {
        Ok(Caller { zone, ..Caller::begin(server)? })
    }

    /// Reads on until `enough` has come, or says why it does not.
    pub(super) fn read(
        &mut self,
        patience: Patience,
        enough: impl Fn(&[u8]) -> bool,
    ) -> Option<End> {
        self.client.read_until(patience, &mut self.bytes, enough)
    }

    pub(super) fn failure(&self, expected: &str) -> Failure {
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
    pub(super) fn line_ends(&self) -> &'static [&'static [u8]] {
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
            return Err(self.unanswered(failure, command, answers).into());
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

    /// Why there is no answer.
    fn unanswered(&self, failure: Failure, command: &[u8], answers: &[String]) -> Failure {
        const READ_ONCE: &str = "the program waits for more bytes, and the client waits for the \
                                 answer: TCP has no end of a message, read once";
        const TOO_SOON: &str = "the program gave its client up, long before its time was over: how \
                                long may it wait, and does it wait at all?";
        let server = self.server;
        if let Some(answer) = answers.iter().find(|answer| server.printed(answer.as_bytes())) {
            return server.or_printed(failure, answer.as_bytes());
        }
        let is_late = |line: &String| line.contains("sent no command or read no");
        match () {
            () if !self.client.open && server.last_words().iter().any(is_late) => {
                failure.cause(TOO_SOON).gap("timeout")
            }
            // Who passes over a blank line waits for the next one.
            () if command.trim_ascii().is_empty() => failure,
            () if self.client.open && self.client.is_waited_for() => {
                failure.cause(READ_ONCE).gap("receive")
            }
            () => failure,
        }
    }

    pub(super) fn ask_invalid(&mut self, command: &[u8]) -> Verdict {
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
    pub(super) fn ask_time(&mut self, command: &[u8]) -> Verdict {
        let before = self.zone.now();
        // The program's clock may be a tick behind; how long it takes to answer is not known.
        const SECONDS: i64 = 60;
        let at = |second: i64| before + TimeDelta::seconds(second);
        let answers: Vec<String> =
            (-1..SECONDS).map(|second| at(second).format(CTIME).to_string()).collect();
        let shown = format!("the time, {}", quote(format!("{}\n", at(0).format(CTIME)).as_bytes()));
        self.ask(command, &answers, &shown).map_err(|stop| match self.cause(before) {
            Some(cause) => stop.or_cause(&cause),
            None if self.bytes.starts_with(INVALID.as_bytes()) => stop.look("receive").or_cause(
                "TIME was taken for another command: is `length` what the read gave, and no more?",
            ),
            None => stop,
        })
    }

    /// What an answer that is not the time looks like.
    fn cause(&self, before: DateTime<FixedOffset>) -> Option<String> {
        const FORMS: [(&str, &str); 8] = [
            ("%a %b %e %k:%M:%S %Y", "an hour below 10 has a zero before it, `%H`"),
            ("%a %b %e %-H:%M:%S %Y", "an hour below 10 has a zero before it, `%H`"),
            ("%a %b %e %I:%M:%S %Y", "the hour is one of twelve: `%I` is, `%H` is one of 24"),
            ("%a %b %e %l:%M:%S %Y", "the hour is one of twelve: `%l` is, `%H` is one of 24"),
            (
                "%a %b %e %H:%m:%S %Y",
                "between the colons is the month: `%m` is, `%M` is the minute",
            ),
            ("%a %b %-d %H:%M:%S %Y", "a day below 10 has a space more before it, `%e`"),
            ("%a %b %e %H:%M:%S %y", "the year has four digits, `%Y`"),
            ("%A %B %e %H:%M:%S %Y", "the names are short ones, `%a` and `%b`"),
        ];
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
        } else if let Some((_, why)) = FORMS.iter().find(|(form, _)| here(form)) {
            Some((*why).to_owned())
        } else if is_a_time(text) {
            Some("this looks as a time should, but it is not the time of now".to_owned())
        } else {
            None
        }
    }

    /// Says that nothing more comes, and reads what the server still has to say: nothing.
    pub(super) fn leave(mut self) -> Verdict {
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

/// Whether one more client is told anything at all.
fn is_greeted(server: &Server) -> bool {
    let Ok(mut client) = TcpClient::connect(server) else { return false };
    client.read(Patience::SHORT, &mut Vec::new()).is_ok()
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
