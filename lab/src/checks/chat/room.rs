//! A chat room: the clients that a check has sent there, and what each of them hears.
#![expect(
    clippy::indexing_slicing,
    reason = "guests, users and names are the check's own; roster.rs reads what servers send"
)]

use std::io::Write;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use memchr::memmem;
use socket2::{Domain, Socket, Type};

use crate::checks::chat::roster::{Forms, Hearing, Users};
use crate::checks::common::ZEROS;
use crate::os::program::{Event, MOST, Patience};
use crate::os::sockets;
use crate::text::bytes::quote;
use crate::trial::{Failure, Server, Stop, Trial, Verdict};
use crate::wire::intake::{Intake, Look};

pub(in crate::checks) const ROSTER: &str = "After every arrival and every departure the server sends each client the \
                      roster: `!` and a JSON object that maps every name to its IP address.";
pub(in crate::checks) const OWN: &str = "Who has sent a message does not get it back.";
/// How the given part of the server begins to say that a name is none.
pub(in crate::checks) const REFUSAL: &[u8] = b"Your name is refused";
/// Nobody can see from outside where a message was lost.
pub(in crate::checks) const LOST: &str = "the message was read and has reached nobody: is all of it handed on (gaps msg and \
                    broadcast-msg) and sent (gap send-msg), or does a thread wait for a lock?";

/// The server sleeps for 1 s at a client that does not read, which is no sign that it waits.
pub(in crate::checks) const BLOCKED: Patience =
    Patience { idle: Duration::from_millis(2500), ..Patience::SHORT };

/// Who is in the chat room, as far as the check has sent them there.
pub(in crate::checks) struct Room<'s> {
    pub(in crate::checks) server: &'s Server<'s>,
    pub(in crate::checks) guests: Vec<Guest>,
    /// What was done up to now, as a report says it.
    pub(in crate::checks) did: String,
    /// The last message of a guest's, where somebody may type it.
    pub(in crate::checks) said: Option<(usize, String)>,
    /// The server does not read any more: nothing else is sent to it.
    pub(in crate::checks) stuck: bool,
    /// What has come is not looked at again: very much comes.
    forgets: bool,
}

/// A client of the chat server.
pub(in crate::checks) struct Guest {
    pub(in crate::checks) stream: TcpStream,
    pub(in crate::checks) intake: Intake,
    /// The server sends without end.
    pub(in crate::checks) over: Option<Event>,
    pub(in crate::checks) name: String,
    /// The server has closed the connection.
    pub(in crate::checks) closed: bool,
    /// What it has sent to get in is its name, as netcat sends it, too.
    pub(in crate::checks) is_its_name_alone: bool,
    /// The message that was heard last.
    pub(in crate::checks) last: Vec<u8>,
    /// What it said last, where it does not matter whether that comes back.
    pub(in crate::checks) echo: Vec<u8>,
    pub(in crate::checks) heard: Hearing,
}

impl Deref for Guest {
    type Target = Hearing;
    fn deref(&self) -> &Hearing {
        &self.heard
    }
}

impl DerefMut for Guest {
    fn deref_mut(&mut self) -> &mut Hearing {
        &mut self.heard
    }
}

pub(in crate::checks) fn fault(error: std::io::Error) -> Stop {
    Stop::Fault(format!("the check's own socket failed: {error}"))
}

impl Guest {
    /// Reads what has come, and takes it apart. Of a room that hears without end no more is kept.
    fn read(&mut self, room_for: usize) {
        const AT_ONCE: usize = 64 * 1024;
        let most = self.heard.kept() + room_for;
        let mut new = 0;
        while !self.closed && self.over.is_none() {
            match self.intake.look(&mut self.stream, &mut self.heard.rest) {
                Look::Piece(length) => new += length,
                Look::NotYet => break,
                Look::Closed | Look::Reset => self.closed = true,
                Look::Over(event) => self.over = Some(event),
            }
            if new > AT_ONCE {
                self.heard.take(std::mem::take(&mut new));
            }
            if self.heard.kept() > most {
                self.over = Some(Event::Flood);
            }
        }
        if new > 0 {
            self.heard.take(new);
        }
    }

    /// Drops what the guest said itself, if the check says that this is no matter.
    pub(in crate::checks) fn pass_over_echoes(&mut self) {
        if self.echo.is_empty() {
            return;
        }
        let echoes = self.heard.text.chunks(self.echo.len());
        let count = echoes.take_while(|chunk| *chunk == self.echo.as_slice()).count();
        self.heard.text.drain(..count * self.echo.len());
    }

    /// How this guest stands with the server, for a report.
    pub(in crate::checks) fn standing(
        &self,
        server: &Server,
    ) -> (Option<&'static str>, Option<&'static str>) {
        let mine = self.stream.local_addr().ok();
        let theirs = sockets::of(&server.processes());
        match theirs.iter().find(|socket| Some(socket.remote) == mine) {
            _ if self.closed => (Some("the server has closed this connection"), None),
            None => (Some("the server has not accepted this connection"), Some("accept")),
            Some(socket) if socket.unread > 0 => {
                let never = (self.total == 0).then_some("accept");
                (Some("the server has not read what was sent"), never)
            }
            Some(_) => (None, None),
        }
    }
}

/// All read what has come. One guest may hear a flood; all of them together may not hear much more.
fn read(guests: &mut [Guest]) {
    const FOR_EACH: usize = 64 * 1024;
    let kept = |guests: &[Guest]| guests.iter().map(|guest| guest.kept()).sum::<usize>();
    let most = 3 * MOST + FOR_EACH * guests.len();
    for who in 0..guests.len() {
        let room_for = most.saturating_sub(kept(guests));
        guests[who].read(room_for);
    }
}

impl<'s> Room<'s> {
    pub(in crate::checks) fn new(server: &'s Server<'s>) -> Room<'s> {
        let (guests, did) = (Vec::new(), String::new());
        Room { server, guests, did, said: None, stuck: false, forgets: false }
    }

    /// The same, where so much comes that no more is kept than the end of it.
    pub(in crate::checks) fn forgetful(server: &'s Server<'s>) -> Room<'s> {
        Room { forgets: true, ..Room::new(server) }
    }

    /// All read what has come.
    pub(in crate::checks) fn read(&mut self) {
        read(&mut self.guests);
    }

    /// A room in which everybody has come and has seen the last of the rosters.
    pub(in crate::checks) fn with(
        server: &'s Server<'s>,
        names: &[String],
    ) -> Result<Room<'s>, Stop> {
        let mut room = Room::new(server);
        for name in names {
            room.enter(name)?;
            room.all_see_all()?;
        }
        Ok(room)
    }

    /// A room in which everybody has come, as far as that is to be seen: who is told of it is another
    /// check's business.
    pub(in crate::checks) fn of(
        server: &'s Server<'s>,
        names: &[String],
    ) -> Result<Room<'s>, Stop> {
        let mut room = Room::new(server);
        for (who, name) in names.iter().enumerate() {
            room.enter(name)?;
            let is_there = |guests: &mut [Guest]| {
                let roster = guests[who].roster.as_ref()?;
                roster.contains_key(name).then_some(())
            };
            if let Err(event) = room.until(Patience::SHORT, is_there) {
                let ended = room.server.exited().is_some() || room.guests[who].closed;
                let (standing, gap) = room.guests[who].standing(room.server);
                if ended || (standing.is_some() && room.forms() == Forms::Right) {
                    let failure = room.failure(format!("a roster with {name} at {name}"));
                    let failure = failure.received("none").lines(standing.map(str::to_owned));
                    let failure = failure.lines(room.server.observed(&event));
                    return Err(Failure { gap, ..failure }.into());
                }
            }
        }
        if room.forms() == Forms::Any {
            room.server.settle();
            room.read();
            for guest in &mut room.guests {
                guest.rest.clear();
                guest.text.clear();
            }
        }
        Ok(room)
    }

    fn forms(&self) -> Forms {
        match self.server.trial().manner().other_roster {
            true => Forms::Any,
            false => Forms::Right,
        }
    }

    pub(in crate::checks) fn do_also(&mut self, what: String) {
        self.did = match self.did.as_str() {
            "" => what,
            did => format!("{did}; {what}"),
        };
    }

    /// Connects, and sends this as the first message.
    pub(in crate::checks) fn connect(
        &mut self,
        sent: &[u8],
        name: &str,
        buffer: Option<usize>,
    ) -> Verdict {
        let family = Domain::for_address(self.server.address());
        let socket = Socket::new(family, Type::STREAM, None).map_err(fault)?;
        if let Some(size) = buffer {
            socket.set_recv_buffer_size(size).map_err(fault)?;
        }
        self.connect_by(socket, sent, name)
    }

    /// The same, by way of a socket of the caller's.
    pub(in crate::checks) fn connect_by(
        &mut self,
        socket: Socket,
        sent: &[u8],
        name: &str,
    ) -> Verdict {
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
        let (name, last, echo) = (name.to_owned(), vec![], vec![]);
        let (forms, forgets) = (self.forms(), self.forgets);
        let heard = Hearing { forms, forgets, ..Hearing::default() };
        self.guests.push(Guest {
            stream,
            intake: Intake::default(),
            over: None,
            name,
            closed: false,
            is_its_name_alone,
            last,
            echo,
            heard,
        });
        Ok(())
    }

    pub(in crate::checks) fn enter(&mut self, name: &str) -> Verdict {
        self.do_also(format!("{name} came"));
        self.connect(name.as_bytes(), name, None)
    }

    /// Sends a message of a guest's.
    pub(in crate::checks) fn say(&mut self, who: usize, message: &[u8]) {
        const LINE: usize = 60;
        self.do_also(format!("{} sent {}", self.guests[who].name, quote(message)));
        let typed = str::from_utf8(message).ok().filter(|text| text.len() <= LINE);
        self.said = typed.map(|text| (who, text.to_owned()));
        self.send(who, message);
    }

    /// The same, where it is another check's business whether the guest gets its message back.
    pub(in crate::checks) fn say_and_pass_over_echo(&mut self, who: usize, message: &str) {
        let guest = &mut self.guests[who];
        guest.echo = format!("{}: {message} ", guest.name).into_bytes();
        self.say(who, message.as_bytes());
    }

    pub(in crate::checks) fn send(&mut self, who: usize, message: &[u8]) {
        let messages = if self.stuck { 0 } else { 1 };
        // What does not come shows that it could not be sent.
        let _ = self.send_on(who, message, messages, BLOCKED, |_| false);
    }

    /// Waits, while all read, until there is something to give back.
    pub(in crate::checks) fn until<T>(
        &mut self,
        patience: Patience,
        mut ready: impl FnMut(&mut [Guest]) -> Option<T>,
    ) -> Result<T, Event> {
        self.server.patiently(patience, || {
            read(&mut self.guests);
            if let Some(event) = self.guests.iter().find_map(|guest| guest.over) {
                self.server.give_up(event);
            }
            ready(&mut self.guests)
        })
    }

    /// What there is to say of a server that did not do what was waited for.
    pub(in crate::checks) fn observed(&self, event: &Event) -> Vec<String> {
        self.server.observed(event)
    }

    pub(in crate::checks) fn failure(&self, expected: String) -> Failure {
        Failure::new(self.did.clone(), expected).replay(self.replay())
    }

    /// The server in one terminal and a guest in each of some others, as far as one can type what it
    /// has sent.
    pub(in crate::checks) fn replay(&self) -> String {
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
    pub(in crate::checks) fn all_see_all(&mut self) -> Verdict {
        let names = |guests: &[Guest]| guests.iter().map(|guest| guest.name.clone()).collect();
        let names: Vec<String> = names(&self.guests);
        self.all_see(Patience::SHORT, &names)
    }

    /// The roster with these names. Who is not here came from the address of the first one.
    fn expected(&self, names: &[String]) -> Users {
        let host = |guest: &Guest| Some(guest.stream.local_addr().ok()?.ip().to_string());
        let named = |name: &String| self.guests.iter().find(|guest| guest.name == *name);
        let host = |name| named(name).or(self.guests.first()).and_then(host).unwrap_or_default();
        names.iter().map(|name| (name.clone(), host(name))).collect()
    }

    /// Waits until the last roster of each of them has as many names as there are guests, whatever it
    /// calls them.
    pub(in crate::checks) fn all_see_as_many(&mut self) -> Verdict {
        let count = self.guests.len();
        let sees = |guest: &Guest| guest.roster.as_ref().map(Users::len) == Some(count);
        let all = |guests: &mut [Guest]| guests.iter().all(sees).then_some(());
        let Err(event) = self.until(Patience::SHORT, all) else { return Ok(()) };
        let failure = self.failure(format!("a roster with {count} names at each"));
        let guest = self.guests.iter().find(|guest| !sees(guest)).expect("the one waited for");
        let failure = failure.received(match &guest.roster {
            Some(roster) => format!("{} has {} as the last", guest.name, shown(roster)),
            None => format!("{} was sent none", guest.name),
        });
        Err(failure.lines(self.server.observed(&event)).into())
    }

    pub(in crate::checks) fn all_see(&mut self, patience: Patience, names: &[String]) -> Verdict {
        let expected = self.expected(names);
        let forms = self.forms();
        let sees = |guest: &Guest| {
            guest.roster.as_ref().is_some_and(|roster| match forms {
                Forms::Right => is_same(roster, &expected),
                Forms::Any => roster.keys().eq(expected.keys()),
            })
        };
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
    pub(in crate::checks) fn hears(
        &mut self,
        who: usize,
        speaker: usize,
        message: &str,
    ) -> Verdict {
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
            return Err(self.nothing_heard(failure, speaker, message, &event).into());
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
        } else if again
            .strip_suffix(b" ")
            .is_some_and(|part| part.len() < message.len() && message.as_bytes().starts_with(part))
        {
            failure
                .cause(
                    "its end is missing, but not the space behind it: is `length` what was read?",
                )
                .gap("msg")
        } else if memmem::find(again, begin.as_bytes()).is_some() {
            failure.cause("one message has become several: is it read in pieces?").gap("msg")
        } else {
            failure
        }
        .into())
    }

    /// Why a message has not come to somebody.
    fn nothing_heard(
        &self,
        failure: Failure,
        speaker: usize,
        message: &str,
        event: &Event,
    ) -> Failure {
        let (standing, _) = self.guests[speaker].standing(self.server);
        let failure = failure.received("nothing").lines(standing.map(str::to_owned));
        let failure = failure.lines(self.server.observed(event));
        if standing.is_some() {
            failure.gap("msg")
        } else if !self.guests[speaker].text.is_empty() {
            failure.cause("the message was sent back to its sender instead").gap("broadcast-msg")
        } else if self.server.printed(message.as_bytes()) {
            failure.cause("the program printed it on its own screen: send it").gap("broadcast-msg")
        } else {
            failure.cause(LOST)
        }
    }

    /// Waits for a speaker's message at this guest, in whatever form it comes.
    pub(in crate::checks) fn hears_of(
        &mut self,
        who: usize,
        speaker: usize,
        message: &str,
    ) -> Verdict {
        let text = format!("{}: {message} ", self.guests[speaker].name);
        let waited = self
            .until(Patience::SHORT, |guests| (guests[who].text.len() >= text.len()).then_some(()));
        let guest = &self.guests[who];
        if guest.text.is_empty() {
            let failure = self.failure(format!("{} at {}", quote(text.as_bytes()), guest.name));
            let event = waited.err().unwrap_or(Event::Idle);
            return Err(self.nothing_heard(failure, speaker, message, &event).into());
        }
        Ok(())
    }

    /// Demands that nobody has heard the message that it sent itself, and forgets the texts.
    pub(in crate::checks) fn none_of_their_own(&mut self, messages: &[String]) -> Verdict {
        self.server.settle();
        self.read();
        let has = |guest: &Guest, part: &str| memmem::find(&guest.text, part.as_bytes()).is_some();
        let own = |(guest, message): &(&Guest, &String)| {
            has(guest, &format!("{}: ", guest.name)) || has(guest, message)
        };
        if let Some((guest, _)) = self.guests.iter().zip(messages).find(own) {
            let failure = self.failure(format!("none of its own messages at {}", guest.name));
            let failure = failure.received(quote(&guest.text));
            return Err(failure.cause(OWN).gap("broadcast-msg").into());
        }
        self.guests.iter_mut().for_each(|guest| guest.text.clear());
        Ok(())
    }

    /// Demands that nothing is left at anybody.
    pub(in crate::checks) fn no_more(&mut self) -> Verdict {
        let left = self.guests.iter().find(|guest| !guest.text.is_empty());
        let Some(guest) = left else { return Ok(()) };
        let failure = self.failure(format!("nothing more at {}", guest.name));
        let own = guest.text.starts_with(format!("{}: ", guest.name).as_bytes());
        let failure = failure.received(quote(&guest.text));
        Err(if own { failure.cause(OWN).gap("broadcast-msg") } else { failure }.into())
    }
}

/// Whether two rosters say the same. A socket for IPv6 and IPv4 writes an address as `::ffff:` and the
/// four numbers.
fn is_same(roster: &Users, expected: &Users) -> bool {
    let plain =
        |ip: &String| ip.parse().map_or(ip.clone(), |ip: IpAddr| ip.to_canonical().to_string());
    let both = || roster.iter().zip(expected);
    roster.len() == expected.len()
        && both().all(|((name, ip), (other, wanted))| name == other && plain(ip) == plain(wanted))
}

/// A roster as a report shows it.
pub(in crate::checks) fn shown(users: &Users) -> String {
    const MOST: usize = 4;
    let all = serde_json::to_string(users).unwrap_or_default();
    match users.len() {
        ..=MOST => format!("!{all}"),
        count => format!("of {count} users"),
    }
}

/// So many names that nobody can guess.
pub(in crate::checks) fn names(trial: &Trial, count: usize) -> Vec<String> {
    const FIRST: [&str; 4] = ["ann", "bob", "cid", "dee"];
    let letters = |_| String::from_utf8_lossy(&trial.letters(3)).into_owned();
    (0..count).map(|number| format!("{}{number}{}", FIRST[number % 4], letters(number))).collect()
}
