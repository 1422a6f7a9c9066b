//! Checks of chatserver. Its Python original ends no message, so two may come glued together: what a
//! client gets is taken apart at the rosters, and newlines between messages count for nothing. What
//! the original cannot do at all is advice.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use memchr::memmem;
use serde_json::Deserializer;
use socket2::{Domain, SockRef, Socket, Type};

use crate::checks::check::Check;
use crate::checks::common::{ZEROS, listens};
use crate::os::program::{Event, Patience};
use crate::os::sockets;
use crate::text::bytes::quote;
use crate::trial::{Failure, Server, Stop, Trial, Verdict};
use crate::wire::intake::{Intake, Look};

const LISTENS: &str = "The chat server listens at the ADDRESS and PORT it was given.";
const ROSTER: &str = "After every arrival and every departure the server sends each client the \
                      roster: `!` and a JSON object that maps every name to its IP address.";
const OWN: &str = "Who has sent a message does not get it back.";
const LEAVES: &str = "A client that closes its connection, or resets it, leaves the chat.";
const NAMES: &str = "A name is refused if it has less than 1 or more than 32 bytes, begins with `!`, \
                     has a `:`, white space or a control character in it, or if somebody has it.";

/// How the given part of the server begins to say that a name is none.
const REFUSAL: &[u8] = b"Your name is refused";
/// Nobody can see from outside where a message was lost.
const LOST: &str = "the message was read and has reached nobody: is all of it handed on (gaps msg and \
                    broadcast-msg) and sent (gap send-msg), or does a thread wait for a lock?";

pub const CHECKS: &[Check] = &[
    Check {
        name: "listens",
        title: "a TCP socket listens at the port",
        door: true,
        after: None,
        points: 1,
        gap: "server-ip",
        rule: LISTENS,
        run: listens,
    },
    Check {
        name: "name",
        title: "a client that has sent its name is in the roster",
        door: true,
        after: None,
        points: 1,
        gap: "name",
        rule: "The first bytes that a client sends are its name.",
        run: name,
    },
    Check {
        name: "address",
        title: "it listens at the ADDRESS it is given",
        door: false,
        after: None,
        points: 1,
        gap: "server-socket",
        rule: LISTENS,
        run: address,
    },
    Check {
        name: "arrivals",
        title: "all are sent the roster when somebody comes",
        door: false,
        after: None,
        points: 1,
        gap: "send-active-users",
        rule: ROSTER,
        run: arrivals,
    },
    Check {
        name: "crowd",
        title: "100 clients may come at the same time",
        door: false,
        after: Some("arrivals"),
        points: 1,
        gap: "accept",
        rule: "Any number of clients may come at the same time.",
        run: crowd,
    },
    Check {
        name: "relays",
        title: "a message goes to all others",
        door: false,
        after: Some("arrivals"),
        points: 2,
        gap: "send-msg",
        rule: "A message from X goes to all others as `X: msg `, with a space at its end.",
        run: relays,
    },
    Check {
        name: "sender",
        title: "the sender does not get its message back",
        door: false,
        after: Some("relays"),
        points: 1,
        gap: "broadcast-msg",
        rule: OWN,
        run: sender,
    },
    Check {
        name: "order",
        title: "the messages of one client keep their order",
        door: false,
        after: Some("relays"),
        points: 1,
        gap: "broadcast-msg",
        rule: "Of each client all messages arrive, in the order in which they were sent.",
        run: order,
    },
    Check {
        name: "departures",
        title: "who leaves is gone from the roster, however it leaves",
        door: false,
        after: Some("arrivals"),
        points: 1,
        gap: "msg",
        rule: LEAVES,
        run: departures,
    },
    Check {
        name: "resets",
        title: "many that reset while the roster goes out do no harm",
        door: false,
        after: Some("departures"),
        points: 0,
        gap: "send-active-users",
        rule: LEAVES,
        run: resets,
    },
    Check {
        name: "lines",
        title: "every message ends in a newline, and has no other",
        door: false,
        after: Some("relays"),
        points: 0,
        gap: "send-msg",
        rule: "Every message of the server ends in a newline; one inside a client's message becomes \
               a space.",
        run: lines,
    },
    Check {
        name: "refused",
        title: "a name that cannot be is refused",
        door: false,
        after: Some("arrivals"),
        points: 0,
        gap: "name",
        rule: NAMES,
        run: refused,
    },
    Check {
        name: "trimmed",
        title: "white space around a name does not count",
        door: false,
        after: None,
        points: 0,
        gap: "name",
        rule: "White space around a name does not count: `nc` sends a newline with it.",
        run: trimmed,
    },
    Check {
        name: "nameless",
        title: "a client that sends no name keeps nobody out",
        door: false,
        after: None,
        points: 0,
        gap: "accept",
        rule: "A client that has not sent its name yet keeps nobody else out.",
        run: nameless,
    },
    Check {
        name: "cut",
        title: "a character may be cut where a read ends",
        door: false,
        after: Some("relays"),
        points: 0,
        gap: "msg",
        rule: "A character may be cut where a read ends; the server then waits for the rest of it.",
        run: cut,
    },
    Check {
        name: "stalled",
        title: "a client that does not read is cut off",
        door: false,
        after: Some("order"),
        points: 0,
        gap: "send-msg",
        rule: "A client that does not read is cut off when sending to it has been blocked for 1 s.",
        run: stalled,
    },
];

/// The server sleeps for 1 s at a client that does not read, which is no sign that it waits.
pub(super) const BLOCKED: Patience =
    Patience { idle: Duration::from_millis(2500), busy: Patience::SHORT.busy };

pub(super) type Users = BTreeMap<String, String>;

/// Who is in the chat room, as far as the check has sent them there.
pub(super) struct Room<'s> {
    server: &'s Server<'s>,
    pub(super) guests: Vec<Guest>,
    /// What was done up to now, as a report says it.
    pub(super) did: String,
    /// The last message of a guest's, where somebody may type it.
    said: Option<(usize, String)>,
    /// The server does not read any more: nothing else is sent to it.
    stuck: bool,
}

/// A client of the chat server.
pub(super) struct Guest {
    stream: TcpStream,
    intake: Intake,
    /// The server sends without end.
    over: Option<Event>,
    pub(super) name: String,
    /// All that has come and was not taken apart yet.
    bytes: Vec<u8>,
    /// The last roster that has come.
    pub(super) roster: Option<Users>,
    /// The texts that have come and were not looked at yet, without their newlines.
    pub(super) text: Vec<u8>,
    /// All that has come.
    pub(super) raw: Vec<u8>,
    /// The server has closed the connection.
    pub(super) closed: bool,
    /// What it has sent to get in is its name, as netcat sends it, too.
    is_its_name_alone: bool,
    /// The message that was heard last.
    last: Vec<u8>,
    /// What it said last, where it does not matter whether that comes back.
    echo: Vec<u8>,
}

pub(super) fn fault(error: std::io::Error) -> Stop {
    Stop::Fault(format!("the check's own socket failed: {error}"))
}

impl Guest {
    /// Reads what has come, and takes it apart.
    pub(super) fn read(&mut self) {
        let begin = self.raw.len();
        while !self.closed {
            match self.intake.look(&mut self.stream, &mut self.raw) {
                Look::Piece(_) => {}
                Look::NotYet => break,
                Look::Closed | Look::Reset => self.closed = true,
                Look::Over(event) => {
                    self.over = Some(event);
                    break;
                }
            }
        }
        let new = self.raw.get(begin..).unwrap_or_default();
        if new.is_empty() {
            return;
        }
        let bytes = [self.bytes.as_slice(), new].concat();
        let mut rest = bytes.as_slice();
        while let Some(behind) = self.next(rest) {
            rest = behind;
        }
        self.bytes = rest.to_vec();
    }

    /// Drops what the guest said itself, if the check says that this is no matter.
    fn pass_over_echoes(&mut self) {
        while !self.echo.is_empty() && self.text.starts_with(&self.echo) {
            self.text.drain(..self.echo.len());
        }
    }

    /// Takes a roster or a text from the beginning of these bytes; gives back what is behind it.
    fn next<'b>(&mut self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        const BEGIN: &[u8] = b"!{";
        if bytes.starts_with(BEGIN) {
            let json = bytes.get(1..)?;
            let mut rosters = Deserializer::from_slice(json).into_iter::<Users>();
            match rosters.next() {
                Some(Ok(roster)) => {
                    self.roster = Some(roster);
                    return json.get(rosters.byte_offset()..);
                }
                Some(Err(error)) if error.is_eof() => return None,
                _ => {} // it only looks like one
            }
        }
        let behind = bytes.get(1..)?;
        let length = memmem::find(behind, BEGIN).map_or(bytes.len(), |length| length + 1);
        let (text, behind) = match bytes.split_at_checked(length)? {
            // A `!` at the end may be the beginning of one.
            ([text @ .., end @ b'!'], []) => (text, std::slice::from_ref(end)),
            cut => cut,
        };
        self.text.extend(text.iter().filter(|byte| **byte != b'\n'));
        Some(behind).filter(|_| !text.is_empty())
    }

    /// How this guest stands with the server, for a report.
    fn standing(&self, server: &Server) -> (Option<&'static str>, Option<&'static str>) {
        let mine = self.stream.local_addr().ok();
        let theirs = sockets::of(&server.processes());
        match theirs.iter().find(|socket| Some(socket.remote) == mine) {
            _ if self.closed => (Some("the server has closed this connection"), None),
            None => (Some("the server has not accepted this connection"), Some("accept")),
            Some(socket) if socket.unread > 0 => {
                let never = self.raw.is_empty().then_some("accept");
                (Some("the server has not read what was sent"), never)
            }
            Some(_) => (None, None),
        }
    }
}

impl<'s> Room<'s> {
    pub(super) fn new(server: &'s Server<'s>) -> Room<'s> {
        Room { server, guests: Vec::new(), did: String::new(), said: None, stuck: false }
    }

    /// A room in which everybody has come and has seen the last of the rosters.
    pub(super) fn with(server: &'s Server<'s>, names: &[String]) -> Result<Room<'s>, Stop> {
        let mut room = Room::new(server);
        for name in names {
            room.enter(name)?;
            room.all_see_all()?;
        }
        Ok(room)
    }

    pub(super) fn do_also(&mut self, what: String) {
        self.did = match self.did.as_str() {
            "" => what,
            did => format!("{did}; {what}"),
        };
    }

    /// Connects, and sends this as the first message.
    pub(super) fn connect(&mut self, sent: &[u8], name: &str, buffer: Option<usize>) -> Verdict {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).map_err(fault)?;
        if let Some(size) = buffer {
            socket.set_recv_buffer_size(size).map_err(fault)?;
        }
        self.connect_by(socket, sent, name)
    }

    /// The same, by way of a socket of the caller's.
    pub(super) fn connect_by(&mut self, socket: Socket, sent: &[u8], name: &str) -> Verdict {
        // A full queue of connections makes the kernel wait and try again.
        const LATE: Duration = Duration::from_secs(10);
        let address: SocketAddr = self.server.address();
        if let Err(error) = socket.connect_timeout(&address.into(), LATE) {
            let failure = self.failure(format!("a connection to TCP port {}", self.server.port));
            let failure = failure.received(error.to_string());
            return Err(failure.lines(self.server.observed(&Event::Idle)).gap("accept").into());
        }
        let mut stream = TcpStream::from(socket);
        stream.set_nodelay(true).map_err(fault)?;
        let _ = stream.write_all(sent); // what does not come back shows it
        stream.set_nonblocking(true).map_err(fault)?;
        let is_its_name_alone = sent == name.as_bytes();
        let (name, bytes, raw, text) = (name.to_owned(), vec![], vec![], vec![]);
        let (last, echo) = (vec![], vec![]);
        self.guests.push(Guest {
            stream,
            intake: Intake::default(),
            over: None,
            name,
            bytes,
            raw,
            text,
            roster: None,
            closed: false,
            is_its_name_alone,
            last,
            echo,
        });
        Ok(())
    }

    fn enter(&mut self, name: &str) -> Verdict {
        self.do_also(format!("{name} came"));
        self.connect(name.as_bytes(), name, None)
    }

    /// Sends a message of a guest's.
    pub(super) fn say(&mut self, who: usize, message: &[u8]) {
        const LINE: usize = 60;
        self.do_also(format!("{} sent {}", self.guests[who].name, quote(message)));
        let typed = str::from_utf8(message).ok().filter(|text| text.len() <= LINE);
        self.said = typed.map(|text| (who, text.to_owned()));
        self.send(who, message);
    }

    /// The same, where it is another check's business whether the guest gets its message back.
    fn say_and_pass_over_echo(&mut self, who: usize, message: &str) {
        let guest = &mut self.guests[who];
        guest.echo = format!("{}: {message} ", guest.name).into_bytes();
        self.say(who, message.as_bytes());
    }

    fn send(&mut self, who: usize, message: &[u8]) {
        let mut rest = if self.stuck { &[] } else { message };
        self.guests.iter_mut().for_each(|guest| guest.intake.renew(message.len())); // all hear of it
        // All read meanwhile: a server that waits for somebody to read would not read itself.
        let sent = self.server.patiently(BLOCKED, || {
            self.guests.iter_mut().for_each(Guest::read);
            match self.guests[who].stream.write(rest) {
                Ok(length) => rest = &rest[length..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => rest = &[], // what does not come shows it
            }
            rest.is_empty().then_some(())
        });
        self.stuck |= sent.is_err();
    }

    /// Waits, while all read, until there is something to give back.
    pub(super) fn until<T>(
        &mut self,
        patience: Patience,
        mut ready: impl FnMut(&mut [Guest]) -> Option<T>,
    ) -> Result<T, Event> {
        self.server.patiently(patience, || {
            self.guests.iter_mut().for_each(Guest::read);
            if let Some(event) = self.guests.iter().find_map(|guest| guest.over) {
                self.server.give_up(event);
            }
            ready(&mut self.guests)
        })
    }

    /// What there is to say of a server that did not do what was waited for.
    pub(super) fn observed(&self, event: &Event) -> Vec<String> {
        self.server.observed(event)
    }

    pub(super) fn failure(&self, expected: String) -> Failure {
        Failure::new(self.did.clone(), expected).replay(self.replay())
    }

    /// The server in one terminal and a guest in each of some others, as far as one can type what it
    /// has sent.
    fn replay(&self) -> String {
        const MOST: usize = 3;
        let port = self.server.port;
        let server = self.server.trial().replay_run(port);
        let by_hand = self.guests.iter().take(MOST).filter(|guest| guest.is_its_name_alone);
        let guests: String = (2..)
            .zip(by_hand)
            .map(|(number, guest)| {
                format!("\nterminal {number}: nc 127.0.0.1 {port}, and type {}", guest.name)
            })
            .collect();
        let said =
            self.said.iter().map(|(who, text)| format!("\ntype {text} in terminal {}", who + 2));
        match guests.as_str() {
            "" => server,
            _ => format!("terminal 1: {server}{guests}{}", said.collect::<String>()),
        }
    }

    /// Waits until the last roster of each of them has the names of all of them and no others.
    pub(super) fn all_see_all(&mut self) -> Verdict {
        let names = |guests: &[Guest]| guests.iter().map(|guest| guest.name.clone()).collect();
        let names: Vec<String> = names(&self.guests);
        self.all_see(Patience::SHORT, &names)
    }

    pub(super) fn all_see(&mut self, patience: Patience, names: &[String]) -> Verdict {
        let host = self.server.address().ip().to_string();
        let expected: Users = names.iter().map(|name| (name.clone(), host.clone())).collect();
        let sees = |guest: &Guest| guest.roster.as_ref() == Some(&expected);
        let waited = self.until(patience, |guests| guests.iter().all(sees).then_some(()));
        let Err(event) = waited else { return Ok(()) };
        let guest = self.guests.iter().find(|guest| !sees(guest));
        let guest = guest.expect("the one that was waited for");
        let missing = self.guests.iter().filter(|guest| !sees(guest)).count();
        let failure = self.failure(format!("the roster {}", shown(&expected)));
        let failure = failure.received(match (&guest.roster, guest.text.as_slice()) {
            (Some(roster), _) => format!("{} has {} as the last", guest.name, shown(roster)),
            (None, []) => format!("{} was sent nothing", guest.name),
            (None, text) => format!("{} was sent {}, which is no roster", guest.name, quote(text)),
        });
        let failure = match missing {
            1 => failure,
            _ => failure.received(format!("so {missing} of {} clients", self.guests.len())),
        };
        let (standing, gap) = guest.standing(self.server);
        let failure = failure.lines(standing.map(str::to_owned));
        let registered = self.server.printed(format!("{} with IP address", guest.name).as_bytes());
        let same_names =
            |roster: &Users| roster.len() == expected.len() && roster.keys().eq(expected.keys());
        let failure = match gap {
            Some(gap) => failure.gap(gap),
            None if guest.text.starts_with(REFUSAL) => failure
                .cause("the server has refused this name: is `length` what the read gave?")
                .gap("name"),
            None if guest.roster.as_ref().is_some_and(same_names) => failure
                .cause("a client has another address there than the one it came from")
                .gap("accept"),
            None if guest.roster.is_none() && (registered || !guest.text.is_empty()) => {
                failure.cause(ROSTER).gap("send-active-users")
            }
            None => failure,
        };
        Err(failure.lines(self.server.observed(&event)).into())
    }

    /// Waits for a speaker's message at this guest, which must be the next one.
    pub(super) fn hears(&mut self, who: usize, speaker: usize, message: &str) -> Verdict {
        let name = self.guests[speaker].name.clone();
        let text = format!("{name}: {message} ");
        let waited = self.until(Patience::SHORT, |guests| {
            guests[who].pass_over_echoes();
            (guests[who].text.len() >= text.len()).then_some(())
        });
        let guest = &mut self.guests[who];
        if let Some(rest) = guest.text.strip_prefix(text.as_bytes()) {
            guest.text = rest.to_vec();
            guest.last = text.into_bytes();
            return Ok(());
        }
        let guest = &self.guests[who];
        let failure = self.failure(format!("{} at {}", quote(text.as_bytes()), guest.name));
        if guest.text.is_empty() {
            let event = waited.err().unwrap_or(Event::Idle);
            let (standing, _) = self.guests[speaker].standing(self.server);
            let failure = failure.received("nothing").lines(standing.map(str::to_owned));
            let failure = failure.lines(self.server.observed(&event));
            return Err(if standing.is_some() {
                failure.gap("msg")
            } else if !self.guests[speaker].text.is_empty() {
                failure
                    .cause("the message was sent back to its sender instead")
                    .gap("broadcast-msg")
            } else if self.server.printed(message.as_bytes()) {
                failure
                    .cause("the program printed it on its own screen: send it")
                    .gap("broadcast-msg")
            } else {
                failure.cause(LOST)
            }
            .into());
        }
        // What comes behind it depends on who was quicker.
        let heard = &guest.text[..guest.text.len().min(text.len())];
        let failure = failure.received(quote(heard));
        let begin = format!("{name}: ");
        let again = heard.strip_prefix(begin.as_bytes()).unwrap_or_default();
        let twice = format!("{begin}{begin}");
        Err(if heard.starts_with(format!("{}: ", guest.name).as_bytes()) {
            failure.cause(OWN).gap("broadcast-msg")
        } else if heard.contains(&0) {
            failure.cause(ZEROS).gap("msg")
        } else if heard.starts_with(twice.as_bytes()) {
            failure
                .cause("the name stands twice in front: `msg` has it already")
                .gap("broadcast-msg")
        } else if !guest.last.is_empty()
            && (heard.starts_with(&guest.last) || guest.last.starts_with(heard))
        {
            failure.cause("the message before it has come once more").gap("broadcast-msg")
        } else if heard.starts_with(message.as_bytes()) {
            failure.cause("the name of its sender is missing in front of it").gap("broadcast-msg")
        } else if again.windows(begin.len()).any(|part| part == begin.as_bytes()) {
            failure.cause("one message has become several: is it read in pieces?").gap("msg")
        } else {
            failure
        }
        .into())
    }

    /// Demands that nothing is left at anybody.
    pub(super) fn no_more(&mut self) -> Verdict {
        let left = self.guests.iter().find(|guest| !guest.text.is_empty());
        let Some(guest) = left else { return Ok(()) };
        let failure = self.failure(format!("nothing more at {}", guest.name));
        let own = guest.text.starts_with(format!("{}: ", guest.name).as_bytes());
        let failure = failure.received(quote(&guest.text));
        Err(if own { failure.cause(OWN).gap("broadcast-msg") } else { failure }.into())
    }
}

/// A roster as a report shows it.
pub(super) fn shown(users: &Users) -> String {
    const MOST: usize = 4;
    let all = serde_json::to_string(users).unwrap_or_default();
    match users.len() {
        ..=MOST => format!("!{all}"),
        count => format!("of {count} users"),
    }
}

/// So many names that nobody can guess.
pub(super) fn names(trial: &Trial, count: usize) -> Vec<String> {
    const FIRST: [&str; 4] = ["ann", "bob", "cid", "dee"];
    let letters = |_| String::from_utf8_lossy(&trial.letters(3)).into_owned();
    (0..count).map(|number| format!("{}{number}{}", FIRST[number % 4], letters(number))).collect()
}

/// A server that cannot be told an address listens at all of them, which its door has seen.
fn address(trial: &Trial) -> Verdict {
    crate::checks::common::address(trial)?;
    if !trial.target.address_is_fixed() {
        trial.server_at("localhost").map_err(|stop| {
            stop.look("server-ip").or_cause("ADDRESS may be the name of a host, as the default is")
        })?;
    }
    Ok(())
}

fn name(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    Room::with(&server, &names(trial, 1))?;
    Ok(())
}

fn arrivals(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let mut names = names(trial, 3);
    names[1] = format!("\u{e6}\u{f8}\u{e5}{}", names[1]);
    Room::with(&server, &names)?.no_more()
}

/// Nobody waits for anybody's roster here.
fn crowd(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let mut room = Room::new(&server);
    let names = names(trial, 100);
    for name in &names {
        room.connect(name.as_bytes(), name, None)?;
        room.guests.iter_mut().for_each(Guest::read);
    }
    room.did = "100 clients came at the same time".to_owned();
    room.all_see_all()
}

fn relays(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let names = names(trial, 3);
    let mut room = Room::with(&server, &names)?;
    let short = || trial.sentence();
    let greek = || format!("caf\u{e9} \u{3b1}\u{3b2} {}!", trial.sentence());
    let long = || String::from_utf8_lossy(&trial.letters(900)).into_owned();
    for messages in [[short(), short()], [greek(), greek()], [long(), long()]] {
        for (speaker, message) in [0, 2].into_iter().zip(messages) {
            room.say_and_pass_over_echo(speaker, &message);
            for other in (0..names.len()).filter(|other| *other != speaker) {
                room.hears(other, speaker, &message)?;
            }
            room.did.clear();
        }
    }
    Ok(())
}

/// What comes next at the sender is somebody else's message, and not its own.
fn sender(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let names = names(trial, 2);
    let mut room = Room::with(&server, &names)?;
    for _ in 0..3 {
        let (first, second) = (trial.sentence(), trial.sentence());
        room.say(0, first.as_bytes());
        room.hears(1, 0, &first)?;
        room.say(1, second.as_bytes());
        room.hears(0, 1, &second)?;
        room.no_more()?;
        room.did.clear();
    }
    Ok(())
}

/// Two talk at once and do not wait for each message: TCP may glue some together, but not change
/// their order. What is under way is less than one read takes, so none is cut in two.
fn order(trial: &Trial) -> Verdict {
    const MESSAGES: usize = 200;
    const AT_ONCE: usize = 20;
    let server = trial.server()?;
    let names = names(trial, 3);
    let mut room = Room::with(&server, &names)?;
    room.did = format!("{} and {} sent {MESSAGES} messages each", names[0], names[1]);
    let numbers = |guest: &Guest, speaker: usize| -> Vec<usize> {
        let text = String::from_utf8_lossy(&guest.text);
        let begin = format!("<{speaker}.");
        let tokens = text.split(&begin).skip(1).filter_map(|rest| rest.split_once('>'));
        tokens.filter_map(|(number, _)| number.parse().ok()).collect()
    };
    for first in (0..MESSAGES).step_by(AT_ONCE) {
        let next = first + AT_ONCE;
        for number in first..next {
            for speaker in [0, 1] {
                room.send(speaker, format!("<{speaker}.{number}>").as_bytes());
            }
        }
        let whole = |guests: &mut [Guest]| {
            [0, 1].iter().all(|speaker| numbers(&guests[2], *speaker).len() >= next).then_some(())
        };
        let waited = room.until(Patience::SHORT, whole);
        let in_order =
            |speaker: &usize| numbers(&room.guests[2], *speaker).iter().copied().eq(0..next);
        if [0, 1].iter().all(in_order) {
            continue;
        }
        let failure = room.failure(format!("all messages of each at {}, in order", names[2]));
        return Err(match waited {
            Ok(()) => failure.received("they came in another order"),
            Err(event) => {
                failure.received("some of them are missing").lines(server.observed(&event))
            }
        }
        .into());
    }
    Ok(())
}

fn departures(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let names = names(trial, 4);
    let mut room = Room::with(&server, &names)?;
    let closes = room.guests.remove(1);
    room.do_also(format!("{} closed its connection", closes.name));
    drop(closes);
    room.all_see_all()?;
    let resets = room.guests.remove(1);
    room.do_also(format!("{} reset its connection", resets.name));
    SockRef::from(&resets.stream).set_linger(Some(Duration::ZERO)).map_err(fault)?;
    drop(resets);
    room.all_see_all()
}

/// The server is sending to some of them when they go.
fn resets(trial: &Trial) -> Verdict {
    const ROUNDS: usize = 5;
    let server = trial.server()?;
    let all = names(trial, 60);
    let mut room = Room::new(&server);
    // Each is alone at last, so a name is free again when the next round begins.
    let next_is_alone = |room: &mut Room| {
        room.guests.clear();
        room.enter(&names(trial, 1)[0])?;
        room.all_see_all()
    };
    for _ in 0..ROUNDS {
        for name in &all {
            room.connect(name.as_bytes(), name, None)?;
            room.guests.iter_mut().for_each(Guest::read);
        }
        room.did = format!("{} clients came", all.len());
        room.all_see_all()?;
        for guest in &room.guests {
            SockRef::from(&guest.stream).set_linger(Some(Duration::ZERO)).map_err(fault)?;
        }
        if next_is_alone(&mut room).and_then(|()| next_is_alone(&mut room)).is_err() {
            room.did = format!("{} clients came and reset; then another one came", all.len());
            let failure = room.failure("a roster with that one alone".to_owned());
            let failure = failure.received("none, or one with others");
            return Err(failure.lines(server.observed(&Event::Idle)).into());
        }
        room.guests.clear();
    }
    Ok(())
}

fn lines(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let names = names(trial, 2);
    let mut room = Room::with(&server, &names)?;
    let [first, second] = [trial.sentence(), trial.sentence()];
    room.say(0, format!("{first}\n!{{\"{second}\": \"0.0.0.0\"}}").as_bytes());
    let expected = format!("{}: {first} !{{\"{second}\": \"0.0.0.0\"}} \n", names[0]);
    let ends = |guests: &mut [Guest]| {
        let raw = &guests[1].raw;
        raw.ends_with(expected.as_bytes()).then_some(())
    };
    if room.until(Patience::SHORT, ends).is_ok() {
        return Ok(());
    }
    let raw = &room.guests[1].raw;
    let start = raw
        .windows(names[0].len() + 2)
        .rposition(|part| part.starts_with(names[0].as_bytes()) && part.ends_with(b": "));
    let failure = room.failure(format!("{} at {}", quote(expected.as_bytes()), names[1]));
    let failure = match start {
        None => failure.received("nothing"),
        Some(start) => failure.difference(expected.as_bytes(), &raw[start..]),
    };
    let roster = format!("\n!{{\"{second}\"");
    let is_forged = raw.windows(roster.len()).any(|part| part == roster.as_bytes());
    Err(if is_forged {
        failure.cause("a client can forge a roster, which others take for the server's")
    } else if start.is_some_and(|start| expected.as_bytes().starts_with(&raw[start..])) {
        failure.cause("its end is missing, where the newline is")
    } else {
        failure
    }
    .into())
}

fn refused(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let names = names(trial, 2);
    let (long, name) = ("x".repeat(33), &names[0]);
    let mut room = Room::with(&server, &names[..1])?;
    for wrong in [name, "\n", &long, "!x", "a:b", "a b", "a\x07b", "a\nhello"] {
        room.did = format!("{name} came; one more came as {}", quote(wrong.as_bytes()));
        room.connect(wrong.as_bytes(), wrong, None)?;
        let closed = |guests: &mut [Guest]| guests[1].closed.then_some(());
        let waited = room.until(Patience::SHORT, closed);
        let guest = room.guests.pop().expect("it has just come");
        if let Err(event) = waited {
            let failure = room.failure("a sentence, and the end of the connection".to_owned());
            let failure = failure.received(match guest.roster {
                Some(roster) => format!("the roster {}", shown(&roster)),
                None => "neither".to_owned(),
            });
            return Err(failure.lines(server.observed(&event)).into());
        }
        if guest.text.is_empty() {
            let failure = room.failure("a sentence that says why".to_owned());
            return Err(failure.received("the end of the connection without one").into());
        }
    }
    // A roster with one of them would come before this one.
    room.did = "names were refused".to_owned();
    room.enter(&names[1])?;
    room.all_see_all()
}

fn trimmed(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let name = &names(trial, 1)[0];
    let mut room = Room::new(&server);
    let sent = format!(" {name}\r\n");
    room.do_also(format!("a client came with the name {}", quote(sent.as_bytes())));
    room.connect(sent.as_bytes(), name, None)?;
    room.all_see_all()
}

fn nameless(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let mut silent = Room::new(&server);
    silent.connect(b"", "nobody", None)?;
    let mut room = Room::new(&server);
    room.did = "a client connected and sent nothing".to_owned();
    room.enter(&names(trial, 1)[0])?;
    room.all_see_all()
}

/// Characters of two bytes, so that one of them lies across the 1024th.
fn cut(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let names = names(trial, 2);
    let mut room = Room::with(&server, &names)?;
    let message = format!("x{}", "\u{e9}".repeat(600));
    room.did = format!("{} sent {} bytes", names[0], message.len());
    room.send(0, message.as_bytes());
    // They may come as two messages, as they went through two reads.
    let came = |guests: &mut [Guest]| {
        let text = String::from_utf8_lossy(&guests[1].text).into_owned();
        (text.matches('\u{e9}').count() >= 600).then_some(())
    };
    let Err(event) = room.until(Patience::SHORT, came) else { return Ok(()) };
    let failure = room.failure(format!("all of the message at {}", names[1]));
    let text = &room.guests[1].text;
    let (standing, _) = room.guests[0].standing(&server);
    let failure = failure.received(format!("{} bytes", text.len()));
    Err(failure.lines(standing.map(str::to_owned)).lines(server.observed(&event)).into())
}

fn stalled(trial: &Trial) -> Verdict {
    const MESSAGES: usize = 10_000;
    const SMALL: usize = 4096;
    let server = trial.server()?;
    let names = names(trial, 2);
    let mut stalled = Room::new(&server);
    stalled.connect(b"stalled", "stalled", Some(SMALL))?;
    stalled.all_see_all()?;
    let mut room = Room::new(&server);
    room.did = "a client came and stopped to read".to_owned();
    for (count, name) in (1..).zip(&names) {
        room.enter(name)?;
        let there = [&["stalled".to_owned()], &names[..count]].concat();
        room.all_see(Patience::SHORT, &there)?;
    }
    room.do_also(format!("{} sent up to {MESSAGES} messages of 1000 bytes", names[0]));
    let message = [b'm'; 1000];
    let is_gone = |guest: &Guest| guest.roster.as_ref().is_some_and(|roster| roster.len() == 2);
    for _ in 0..MESSAGES {
        room.send(0, &message);
        if room.stuck || is_gone(&room.guests[1]) {
            break;
        }
    }
    room.all_see(BLOCKED, &names)?;
    room.send(0, b"the end");
    let end = |guests: &mut [Guest]| guests[1].text.ends_with(b"the end ").then_some(());
    let Err(event) = room.until(BLOCKED, end) else { return Ok(()) };
    let failure = room.failure(format!("all messages at {}", names[1]));
    Err(failure.received("not the last one").lines(server.observed(&event)).into())
}
