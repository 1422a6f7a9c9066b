//! Checks of chatserver_auth. Each one registers its users with the program itself, starts the
//! server beside their file, and logs in with TLS of its own. The chat is that of chatserver.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use tempfile::TempDir;

use super::chatserver::{BLOCKED, Guest, Room, fault, names, shown};
use crate::checks::check::Check;
use crate::os::processes::Activity;
use crate::os::program::{Event, Patience, said};
use crate::os::sockets;
use crate::text::bytes::quote;
use crate::trial::{Failure, Server, Stop, Trial, Verdict};
use crate::wire::certificates;
use crate::wire::smtp;
use crate::wire::tls::{End, Tls};

const FILE: &str = "`register NAME` asks for the password twice, and puts a line `NAME:HASH` into \
                    `chat/users`.";
const SALT: &str = "Each hash has a salt of its own: the same password twice makes two hashes.";
const PORTS: &str = "The chat server listens at the ADDRESS and PORT it was given, and for logins \
                     at the port behind it: 5000 and 5001, if it was given none.";
const TICKET: &str = "To the right password of a registered user the answer is `TICKET`, a space \
                      and the ticket; to anything else it is `REFUSED`, a space and a sentence \
                      that says why.";
const GOOD_FOR: &str = "A ticket is good for the name and the IP address that have logged in, \
                        once, and for 10 s.";
const SAME: &str = "A name that is unknown and a password that is wrong get the same answer, after \
                    the same work.";
const NOBODY: &str = "Whoever has not logged in is in no roster, and hears nothing.";

pub const CHECKS: &[Check] = &[
    Check {
        name: "users",
        title: "register puts a user into the file",
        door: true,
        after: None,
        points: 1,
        gap: "hash",
        rule: FILE,
        run: |trial| House::new(trial, 1).map(|_| ()),
    },
    Check {
        name: "tls",
        title: "it shakes hands at the port behind the chat's",
        door: true,
        after: None,
        points: 1,
        gap: "tls",
        rule: PORTS,
        run: tls,
    },
    Check {
        name: "login",
        title: "the right password gets a ticket",
        door: true,
        after: None,
        points: 2,
        gap: "issue-ticket",
        rule: TICKET,
        run: login,
    },
    Check {
        name: "ticket",
        title: "with the ticket one is in the chat",
        door: true,
        after: None,
        points: 1,
        gap: "redeem-ticket",
        rule: "At the chat's port the first line of a client is its name, a space and its ticket.",
        run: ticket,
    },
    Check {
        name: "stored",
        title: "the file does not hold the password",
        door: false,
        after: None,
        points: 2,
        gap: "hash",
        rule: "The password is nowhere in that file, in no form that can be read back.",
        run: stored,
    },
    Check {
        name: "salted",
        title: "two users with one password have two hashes",
        door: false,
        after: Some("stored"),
        points: 1,
        gap: "hash",
        rule: SALT,
        run: salted,
    },
    Check {
        name: "wrong",
        title: "a wrong password gets no ticket",
        door: false,
        after: None,
        points: 2,
        gap: "password",
        rule: TICKET,
        run: wrong,
    },
    Check {
        name: "nobody",
        title: "an unknown name gets the answer of a wrong password",
        door: false,
        after: Some("wrong"),
        points: 1,
        gap: "password",
        rule: SAME,
        run: unknown,
    },
    Check {
        name: "work",
        title: "an unknown name costs the work of a wrong password",
        door: false,
        after: Some("nobody"),
        points: 1,
        gap: "password",
        rule: SAME,
        run: work,
    },
    Check {
        name: "ghost",
        title: "a wrong password gets nobody into the roster",
        door: false,
        after: Some("wrong"),
        points: 1,
        gap: "password",
        rule: NOBODY,
        run: ghost,
    },
    Check {
        name: "out",
        title: "without a ticket nobody gets in",
        door: false,
        after: None,
        points: 2,
        gap: "redeem-ticket",
        rule: NOBODY,
        run: kept_out,
    },
    Check {
        name: "once",
        title: "a ticket is good once",
        door: false,
        after: Some("out"),
        points: 1,
        gap: "redeem-ticket",
        rule: GOOD_FOR,
        run: once,
    },
    Check {
        name: "name",
        title: "a ticket is good for the name that has logged in",
        door: false,
        after: Some("out"),
        points: 1,
        gap: "redeem-ticket",
        rule: GOOD_FOR,
        run: name,
    },
    Check {
        name: "origin",
        title: "a ticket is good from the address that has logged in",
        door: false,
        after: Some("out"),
        points: 1,
        gap: "redeem-ticket",
        rule: GOOD_FOR,
        run: address,
    },
    Check {
        name: "late",
        title: "a ticket is no longer good after 10 s",
        door: false,
        after: Some("out"),
        points: 1,
        gap: "redeem-ticket",
        rule: GOOD_FOR,
        run: expired,
    },
    Check {
        name: "random",
        title: "nobody can guess a ticket",
        door: false,
        after: None,
        points: 1,
        gap: "issue-ticket",
        rule: "A ticket has at least 128 random bits, so at least 22 letters.",
        run: random,
    },
    Check {
        name: "stuck",
        title: "clients that are stuck in their login stop nobody",
        door: false,
        after: None,
        points: 2,
        gap: "login-thread",
        rule: "A client that is stuck in its login stops nobody else.",
        run: stuck,
    },
    Check {
        name: "slow",
        title: "one guess in a second at a name",
        door: false,
        after: Some("wrong"),
        points: 1,
        gap: "slow",
        rule: "Of several guesses at one name from one address, each begins 1 s after the one \
               before.",
        run: slow,
    },
    Check {
        name: "others",
        title: "who guesses does not slow down the others",
        door: false,
        after: Some("slow"),
        points: 1,
        gap: "slow",
        rule: "Nobody else waits for that.",
        run: others,
    },
    Check {
        name: "chat",
        title: "behind the ticket is the chat of lab 7",
        door: false,
        after: None,
        points: 1,
        gap: "redeem-ticket",
        rule: "What follows is the chat of lab 7, to the byte.",
        run: chat,
    },
    Check {
        name: "hidden",
        title: "no password and no ticket is printed",
        door: false,
        after: Some("wrong"),
        points: 1,
        gap: "issue-ticket",
        rule: "Neither a password nor a ticket is ever printed.",
        run: hidden,
    },
    Check {
        name: "argon2",
        title: "the hash is argon2's",
        door: false,
        after: Some("stored"),
        points: 0,
        gap: "hash",
        rule: "Argon2 takes its time and much memory, for each guess of a thief, too; a hash that \
               is made to be quick does not.",
        run: argon2,
    },
];

/// A user, as the check has registered it.
#[derive(Clone)]
struct User {
    name: String,
    password: String,
}

/// The directory in which the program runs, with a certificate, and the users in it.
struct House<'t> {
    trial: &'t Trial<'t>,
    directory: TempDir,
    users: Vec<User>,
}

/// Beyond ASCII, with white space and what separates the columns of the file.
fn password(trial: &Trial) -> String {
    let letters = |count| String::from_utf8_lossy(&trial.letters(count)).into_owned();
    format!("{} p\u{e4}ss:{}", letters(6), letters(6))
}

impl<'t> House<'t> {
    /// A house with so many users.
    fn new(trial: &'t Trial<'t>, count: usize) -> Result<House<'t>, Stop> {
        let users = names(trial, count).into_iter();
        let users = users.map(|name| User { name, password: password(trial) }).collect();
        House::of(trial, users)
    }

    fn of(trial: &'t Trial<'t>, users: Vec<User>) -> Result<House<'t>, Stop> {
        let made = || {
            let directory = TempDir::new()?;
            let chat = directory.path().join("chat");
            fs::create_dir(&chat)?;
            fs::write(chat.join("server.pem"), &certificates::fine().certificate)?;
            fs::write(chat.join("server-key.pem"), &certificates::fine().key)?;
            Ok(directory)
        };
        let directory = made().map_err(|error: std::io::Error| {
            Stop::Fault(format!("the check needs a directory of its own: {error}"))
        })?;
        trial.work_in(directory.path());
        let house = House { trial, directory, users };
        for user in &house.users {
            house.register(user)?;
        }
        Ok(house)
    }

    /// The file of users.
    fn file(&self) -> String {
        let bytes = fs::read(self.directory.path().join("chat/users")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn register(&self, user: &User) -> Verdict {
        let program = self.trial.job(&["register", &user.name])?;
        program.type_line(user.password.as_bytes());
        program.type_line(user.password.as_bytes());
        let did = format!("typed a password twice into `{}`", program.command_line);
        let line = format!("{}:", user.name);
        let failure =
            Failure::new(did, format!("a line \"{line}HASH\" in chat/users, and exit status 0"));
        let failure = match program.wait() {
            Ok(status) if !status.success() => {
                failure.received(said(status)).lines(program.last_words())
            }
            Ok(_) if self.file().lines().any(|there| there.starts_with(&line)) => return Ok(()),
            Ok(_) => failure.received("no such line there"),
            Err(event) => failure.lines(program.observed(&event)),
        };
        Err(failure.into())
    }

    /// The line of a user in the file.
    fn line(&self, user: &User) -> String {
        let file = self.file();
        let begin = format!("{}:", user.name);
        file.lines().find(|line| line.starts_with(&begin)).unwrap_or_default().to_owned()
    }

    /// A server that has opened both its ports.
    fn open(&self) -> Result<Server<'t>, Stop> {
        let server = self.trial.server()?;
        let port = server.port + 1;
        let is_there = |socket: &sockets::Socket| {
            socket.local.port() == port && socket.open_to_all && socket.transport.name() == "TCP"
        };
        let there = || sockets::of(&server.processes()).iter().any(is_there).then_some(());
        match server.until(there) {
            Ok(()) => Ok(server),
            Err(event) => Err(Failure::new(
                format!("started `{}`", server.command_line),
                format!("a TCP socket that waits for logins at port {port}"),
            )
            .received("none at that port")
            .lines(server.observed(&event))
            .cause(PORTS)
            .into()),
        }
    }
}

/// Somebody at the login.
struct Visitor<'s> {
    server: &'s Server<'s>,
    tls: Tls,
    did: String,
    /// How long the answer may take to come.
    patience: Patience,
}

/// A socket that is connected to the server's login, from this address.
fn knock(server: &Server, from: Ipv4Addr) -> Result<TcpStream, Stop> {
    const LATE: Duration = Duration::from_secs(10);
    const TURN: Duration = Duration::from_millis(10);
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).map_err(fault)?;
    socket.bind(&SocketAddr::from((from, 0)).into()).map_err(fault)?;
    let port = server.port + 1;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    socket.connect_timeout(&address.into(), LATE).map_err(|error| {
        Failure::new(format!("connected to TCP port {port}"), "a connection")
            .received(error.to_string())
            .lines(server.observed(&Event::Idle))
            .gap("login-thread")
    })?;
    socket.set_tcp_nodelay(true).map_err(fault)?;
    socket.set_read_timeout(Some(TURN)).map_err(fault)?;
    Ok(socket.into())
}

impl<'s> Visitor<'s> {
    /// Begins to log in: the server has the name and the password as soon as hands are shaken.
    fn new(server: &'s Server<'s>, user: &User, what: &str) -> Result<Visitor<'s>, Stop> {
        Visitor::from(server, user, what, Ipv4Addr::LOCALHOST)
    }

    fn from(
        server: &'s Server<'s>,
        user: &User,
        what: &str,
        from: Ipv4Addr,
    ) -> Result<Visitor<'s>, Stop> {
        let stream = knock(server, from)?;
        let mut tls = Tls::client(stream, server.address().ip());
        tls.say(format!("{}\n{}\n", user.name, user.password).as_bytes());
        let did = format!("logged in as {}, with {what}", user.name);
        Ok(Visitor { server, tls, did, patience: BLOCKED })
    }

    fn failure(&self, expected: &str) -> Failure {
        let replay = self.server.trial().replay_run(self.server.port);
        Failure::new(self.did.clone(), expected).replay(replay)
    }

    /// The answer, if it is there: a line.
    fn heard(&mut self) -> Option<String> {
        while self.tls.end.is_none() && self.tls.look().is_some() {}
        let end = self.tls.heard.iter().position(|byte| *byte == b'\n')?;
        Some(String::from_utf8_lossy(&self.tls.heard[..end]).trim_end_matches('\r').to_owned())
    }

    /// Says in what way the handshake has not come about.
    fn no_handshake(&self, failure: Failure, event: &Event) -> Failure {
        let mine = self.tls.address();
        let theirs = sockets::of(&self.server.processes());
        match theirs.iter().any(|socket| Some(socket.remote) == mine) {
            true => failure
                .received("no TLS handshake; the connection is open")
                .lines(self.server.observed(event))
                .gap("tls"),
            // What else the server does depends on which thread is looked at.
            false => {
                failure.received("the server has not accepted this connection").gap("login-thread")
            }
        }
    }

    /// Waits until both sides have shaken hands.
    fn shakes_hands(&mut self) -> Verdict {
        let server = self.server;
        let failure = self.failure("a TLS handshake");
        let tls = &mut self.tls;
        let waited = server.patiently(BLOCKED, || {
            while !tls.is_begun() && tls.end.is_none() {
                tls.look()?;
            }
            Some(tls.is_begun())
        });
        Err(match waited {
            Ok(true) => return Ok(()),
            Ok(false) => {
                server.settle();
                failure.received("the connection closed").lines(server.last_words())
            }
            Err(event) => self.no_handshake(failure, &event),
        }
        .into())
    }

    /// Waits for the answer.
    fn answer(&mut self, expected: &str) -> Result<String, Stop> {
        let server = self.server;
        let waited = server.patiently(self.patience, || match self.heard() {
            Some(line) => Some(Ok(line)),
            None => self.tls.end.map(Err),
        });
        let failure = self.failure(expected);
        let begun = self.tls.is_begun();
        Err(match waited {
            Ok(Ok(line)) => return Ok(line),
            Ok(Err(End::NoTls)) => failure
                .received("what came is no TLS, or none that goes with the certificate")
                .lines(server.last_words())
                .gap("tls"),
            Ok(Err(End::Over(event))) => {
                server.give_up(event);
                failure.lines(server.observed(&event))
            }
            Ok(Err(End::Closed)) => {
                let failure = match begun {
                    true => failure.received("the connection closed, without an answer"),
                    false => {
                        failure.received("the connection closed in the TLS handshake").gap("tls")
                    }
                };
                let failure = match self.tls.heard.is_empty() {
                    true => failure,
                    false => {
                        let heard = quote(&self.tls.heard);
                        failure.received(format!("before that {heard}, without an end of line"))
                    }
                };
                server.settle();
                failure.lines(server.last_words())
            }
            Err(event) if !begun => self.no_handshake(failure, &event),
            Err(event) => {
                failure.received("no answer; the connection is open").lines(server.observed(&event))
            }
        }
        .into())
    }

    /// Waits for a ticket.
    fn ticket(&mut self) -> Result<String, Stop> {
        let expected = "the answer \"TICKET …\"";
        let answer = self.answer(expected)?;
        match answer.strip_prefix("TICKET ").filter(|ticket| is_a_word(ticket)) {
            Some(ticket) => Ok(ticket.to_owned()),
            None => {
                let failure = self.failure(expected).received(quote(answer.as_bytes()));
                let refused = answer.starts_with("REFUSED");
                Err(if refused { failure.gap("password") } else { failure }.into())
            }
        }
    }

    /// Demands that the answer is a refusal, and gives it back.
    fn is_refused(&mut self) -> Result<String, Stop> {
        let expected = "the answer \"REFUSED …\"";
        let answer = self.answer(expected)?;
        match answer.split_once(' ') {
            Some(("REFUSED", why)) if !why.trim().is_empty() => Ok(answer),
            Some(("TICKET", _)) => Err(self.failure(expected).received("a ticket").into()),
            _ => Err(self.failure(expected).received(quote(answer.as_bytes())).into()),
        }
    }
}

fn is_a_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Logs in as it should be, and gives back the ticket.
fn ticket_of(server: &Server, user: &User) -> Result<String, Stop> {
    Visitor::new(server, user, "the right password")?.ticket()
}

/// What fails in the chat fails because of the ticket: all else is given.
fn because_of_the_ticket(stop: Stop) -> Stop {
    stop.map(|failure| {
        failure.gap = None;
        failure.cause = None;
    })
}

/// Comes to the chat with a ticket, and waits until all see all.
fn enters(room: &mut Room, user: &User, ticket: &str) -> Verdict {
    room.do_also(format!("{} came with its ticket", user.name));
    room.connect(format!("{} {ticket}\n", user.name).as_bytes(), &user.name, None)?;
    room.all_see_all().map_err(because_of_the_ticket)
}

/// The user logs in, and comes to the chat.
fn joins(room: &mut Room, server: &Server, user: &User) -> Verdict {
    let ticket = ticket_of(server, user)?;
    enters(room, user, &ticket)
}

/// Demands that the last guest has been told a sentence and no more.
fn is_out(room: &mut Room, what: &str) -> Verdict {
    room.do_also(what.to_owned());
    let done = |guests: &mut [Guest]| {
        let last = guests.last()?;
        (last.closed || last.roster.is_some()).then_some(())
    };
    let waited = room.until(BLOCKED, done);
    let guest = room.guests.pop().expect("it has just come");
    let failure = room.failure("a sentence, and the end of the connection".to_owned());
    if let Some(roster) = &guest.roster {
        return Err(failure.received(format!("the roster {}", shown(roster))).into());
    }
    if let Err(event) = waited {
        let observed = room.observed(&event);
        return Err(failure.received("neither").lines(observed).into());
    }
    if guest.text.is_empty() {
        return Err(failure.received("the end of the connection without one").into());
    }
    Ok(())
}

/// Demands that no roster that anybody has seen had this name.
fn unseen(room: &mut Room, name: &str) -> Verdict {
    let names =
        |guest: &Guest| guest.raw.windows(name.len()).any(|window| window == name.as_bytes());
    if !room.guests.iter().any(names) {
        return Ok(());
    }
    let failure = room.failure(format!("no roster with {name} in it"));
    Err(failure.received(format!("{name} in a roster")).into())
}

// ---- The checks ----

fn tls(trial: &Trial) -> Verdict {
    let house = House::new(trial, 1)?;
    let server = house.open()?;
    Visitor::new(&server, &house.users[0], "the right password")?.shakes_hands()
}

fn login(trial: &Trial) -> Verdict {
    let house = House::new(trial, 1)?;
    let server = house.open()?;
    ticket_of(&server, &house.users[0])?;
    Ok(())
}

fn ticket(trial: &Trial) -> Verdict {
    let house = House::new(trial, 1)?;
    let server = house.open()?;
    joins(&mut Room::new(&server), &server, &house.users[0])
}

/// What a text looks like in hexadecimal digits.
fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn stored(trial: &Trial) -> Verdict {
    let house = House::new(trial, 1)?;
    let user = &house.users[0];
    let line = house.line(user);
    let forms = smtp::forms(&user.name, &user.password);
    let backwards: String = user.password.chars().rev().collect();
    let form = match () {
        () if line.contains(&user.password) => "the password itself",
        () if smtp::shows(line.as_bytes(), &forms) => "the password in base64",
        () if line.to_lowercase().contains(&hex(&user.password)) => "the password in hexadecimal",
        () if line.contains(&backwards) => "the password backwards",
        () => return Ok(()),
    };
    Err(Failure::new(format!("registered {}", user.name), "a hash in chat/users")
        .received(form)
        .into())
}

fn salted(trial: &Trial) -> Verdict {
    let password = password(trial);
    let user = |name| User { name, password: password.clone() };
    let house = House::of(trial, names(trial, 2).into_iter().map(user).collect())?;
    let hash = |user: &User| house.line(user).split_once(':').map(|(_, hash)| hash.to_owned());
    if hash(&house.users[0]) != hash(&house.users[1]) {
        return Ok(());
    }
    let did = "registered two users with the same password";
    Err(Failure::new(did, "two different hashes").received("the same hash twice").into())
}

fn argon2(trial: &Trial) -> Verdict {
    let house = House::new(trial, 1)?;
    let line = house.line(&house.users[0]);
    match line.split_once(":$argon2") {
        Some(_) => Ok(()),
        None => Err(Failure::new(
            format!("registered {}", house.users[0].name),
            "a hash that begins with \"$argon2\"",
        )
        .received(quote(line.as_bytes()))
        .into()),
    }
}

/// The same user with another password.
fn mistaken(user: &User, password: &str) -> User {
    User { name: user.name.clone(), password: password.to_owned() }
}

fn wrong(trial: &Trial) -> Verdict {
    let house = House::new(trial, 2)?;
    let [ann, bob] = [&house.users[0], &house.users[1]];
    let server = house.open()?;
    let line = house.line(ann);
    let hash = line.split_once(':').map_or("", |(_, hash)| hash);
    // Where the password itself is stored, another check says so.
    let hash = if hash == ann.password { "no hash" } else { hash };
    let longer = format!("{}x", ann.password);
    let upper = ann.password.to_uppercase();
    let guesses = [
        ("the password of another user", bob.password.as_str()),
        ("the password and one letter more", &longer),
        ("the password in capitals", &upper),
        ("the hash that is stored", hash),
        ("an empty password", ""),
    ];
    // All at once, but each from an address of its own, so that none has to wait for another.
    let mut visitors = Vec::new();
    for (host, (what, password)) in (21..).zip(guesses) {
        let from = Ipv4Addr::new(127, 0, 0, host);
        visitors.push(Visitor::from(&server, &mistaken(ann, password), what, from)?);
    }
    when_answered(&server, &mut visitors);
    visitors.iter_mut().try_for_each(|visitor| visitor.is_refused().map(|_| ()))
}

fn unknown(trial: &Trial) -> Verdict {
    let house = House::new(trial, 1)?;
    let ann = &house.users[0];
    let stranger = User { name: format!("x{}", ann.name), password: ann.password.clone() };
    let server = house.open()?;
    let mut known = Visitor::new(&server, &mistaken(ann, "something else"), "a wrong password")?;
    let known = known.is_refused()?;
    let mut unknown = Visitor::new(&server, &stranger, "a name that is unknown")?;
    let answer = unknown.is_refused()?;
    if answer == known {
        return Ok(());
    }
    let failure = unknown.failure(&format!("the answer to a wrong password: {known:?}"));
    Err(failure.received(format!("{answer:?}")).into())
}

/// The work is CPU time, which does not depend on who else is busy.
fn work(trial: &Trial) -> Verdict {
    const GUESSES: u8 = 6;
    const TICKS: Duration = Duration::from_millis(50); // less than that the kernel counts badly
    let house = House::new(trial, 1)?;
    let ann = &house.users[0];
    let server = house.open()?;
    let cpu = || Activity::of(&server.processes()).cpu();
    // Each from an address of its own: none has to wait for its turn.
    let spent = |user: &User, what: &str, first: u8| -> Result<Duration, Stop> {
        let before = cpu();
        for host in first..first + GUESSES {
            let from = Ipv4Addr::new(127, 0, 0, host);
            Visitor::from(&server, user, what, from)?.is_refused()?;
        }
        Ok(cpu().saturating_sub(before))
    };
    let known = spent(&mistaken(ann, "something else"), "a wrong password", 21)?;
    let stranger = User { name: format!("x{}", ann.name), password: ann.password.clone() };
    let unknown = spent(&stranger, "a name that is unknown", 41)?;
    if unknown * 2 >= known || known < TICKS {
        return Ok(());
    }
    let did = format!("made {GUESSES} guesses at a user's password, and as many at nobody's");
    Err(Failure::new(did, "about the same CPU time for both")
        .received("less than half as much for nobody's")
        .cause("the time that an answer takes tells who is registered")
        .into())
}

fn ghost(trial: &Trial) -> Verdict {
    let house = House::new(trial, 3)?;
    let [ann, bob, cid] = [0, 1, 2].map(|number| &house.users[number]);
    let server = house.open()?;
    let mut room = Room::new(&server);
    joins(&mut room, &server, bob)?;
    Visitor::new(&server, &mistaken(ann, "something else"), "a wrong password")?.is_refused()?;
    room.do_also(format!("{} gave a wrong password", ann.name));
    let ticket = ticket_of(&server, cid)?;
    room.do_also(format!("{} came with its ticket", cid.name));
    room.connect(format!("{} {ticket}\n", cid.name).as_bytes(), &cid.name, None)?;
    let seen = room.all_see_all().map_err(because_of_the_ticket);
    unseen(&mut room, &ann.name)?;
    seen
}

fn kept_out(trial: &Trial) -> Verdict {
    let house = House::new(trial, 2)?;
    let [ann, bob] = [&house.users[0], &house.users[1]];
    let server = house.open()?;
    let mut room = Room::new(&server);
    joins(&mut room, &server, bob)?;
    let real = ticket_of(&server, ann)?;
    let invented = String::from_utf8_lossy(&trial.letters(real.len())).into_owned();
    let beginning = &real[..real.len() / 2];
    for (what, line) in [
        ("without a ticket", format!("{}\n", ann.name)),
        ("with an empty ticket", format!("{} \n", ann.name)),
        ("with an invented ticket", format!("{} {invented}\n", ann.name)),
        ("with half of its ticket", format!("{} {beginning}\n", ann.name)),
        ("with its password for a ticket", format!("{} {}\n", ann.name, ann.password)),
    ] {
        room.did = format!("{} was there", bob.name);
        room.connect(line.as_bytes(), &ann.name, None)?;
        is_out(&mut room, &format!("{} came {what}", ann.name))?;
        unseen(&mut room, &ann.name)?;
    }
    Ok(())
}

fn once(trial: &Trial) -> Verdict {
    let house = House::new(trial, 2)?;
    let [ann, bob] = [&house.users[0], &house.users[1]];
    let server = house.open()?;
    let mut room = Room::new(&server);
    joins(&mut room, &server, bob)?;
    let ticket = ticket_of(&server, ann)?;
    enters(&mut room, ann, &ticket)?;
    let leaves = room.guests.pop().expect("it has just come");
    room.do_also(format!("{} left", leaves.name));
    drop(leaves);
    room.all_see_all().map_err(because_of_the_ticket)?;
    room.connect(format!("{} {ticket}\n", ann.name).as_bytes(), &ann.name, None)?;
    is_out(&mut room, &format!("{} came again, with the same ticket", ann.name))
}

fn name(trial: &Trial) -> Verdict {
    let house = House::new(trial, 3)?;
    let [ann, bob, cid] = [0, 1, 2].map(|number| &house.users[number]);
    let server = house.open()?;
    let mut room = Room::new(&server);
    joins(&mut room, &server, bob)?;
    let ticket = ticket_of(&server, ann)?;
    room.connect(format!("{} {ticket}\n", cid.name).as_bytes(), &cid.name, None)?;
    is_out(&mut room, &format!("{} came with the ticket of {}", cid.name, ann.name))?;
    unseen(&mut room, &cid.name)?;
    unseen(&mut room, &ann.name)
}

fn address(trial: &Trial) -> Verdict {
    const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 31);
    let house = House::new(trial, 2)?;
    let [ann, bob] = [&house.users[0], &house.users[1]];
    let server = house.open()?;
    let mut room = Room::new(&server);
    joins(&mut room, &server, bob)?;
    let ticket = ticket_of(&server, ann)?;
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).map_err(fault)?;
    socket.bind(&SocketAddr::from((ELSEWHERE, 0)).into()).map_err(fault)?;
    room.connect_by(socket, format!("{} {ticket}\n", ann.name).as_bytes(), &ann.name)?;
    let what = format!("{} logged in at 127.0.0.1 and came from {ELSEWHERE}", ann.name);
    is_out(&mut room, &what)?;
    unseen(&mut room, &ann.name)
}

fn expired(trial: &Trial) -> Verdict {
    const LONGER: Duration = Duration::from_millis(10_500);
    const QUIET: Patience = Patience { idle: Duration::from_secs(20), ..Patience::SHORT };
    trial.takes_long();
    let house = House::new(trial, 1)?;
    let ann = &house.users[0];
    let server = house.open()?;
    let ticket = ticket_of(&server, ann)?;
    let start = Instant::now();
    let waited = server.patiently(QUIET, || match trial.is_given_up() {
        true => Some(Err(Stop::GivenUp)),
        false => (start.elapsed() >= LONGER).then_some(Ok(())),
    });
    waited.unwrap_or(Ok(()))?; // a server that has ended shows below
    let mut room = Room::new(&server);
    room.did = format!("{} logged in, and waited for {:.1} s", ann.name, LONGER.as_secs_f64());
    room.connect(format!("{} {ticket}\n", ann.name).as_bytes(), &ann.name, None)?;
    is_out(&mut room, "then it came with its ticket")
}

fn random(trial: &Trial) -> Verdict {
    const TICKETS: usize = 4;
    const LEAST: usize = 22; // letters of 6 bits
    const ALIKE: usize = 8; // by chance two begin so in one of 2^48 cases
    let house = House::new(trial, 1)?;
    let server = house.open()?;
    let mut tickets: Vec<String> = Vec::new();
    for _ in 0..TICKETS {
        tickets.push(ticket_of(&server, &house.users[0])?);
    }
    let failure = Failure::new(
        format!("logged in {TICKETS} times"),
        format!("tickets of at least {LEAST} random letters"),
    );
    let alike = |one: &String, other: &String| {
        let same = |count: usize, pair: (u8, u8)| (pair.0 == pair.1).then_some(count + 1);
        let from_begin = one
            .bytes()
            .zip(other.bytes())
            .try_fold(0, |count, pair| same(count, pair).ok_or(count));
        let begin = from_begin.unwrap_or_else(|count| count);
        let from_end = one
            .bytes()
            .rev()
            .zip(other.bytes().rev())
            .try_fold(0, |count, pair| same(count, pair).ok_or(count));
        begin.max(from_end.unwrap_or_else(|count| count)) > ALIKE
    };
    if let Some(short) = tickets.iter().find(|ticket| ticket.len() < LEAST) {
        return Err(failure.received(format!("one of {} letters", short.len())).into());
    }
    let pairs = tickets.windows(2).any(|pair| alike(&pair[0], &pair[1]));
    if pairs {
        return Err(failure.received("two that are largely the same").into());
    }
    Ok(())
}

fn stuck(trial: &Trial) -> Verdict {
    let house = House::new(trial, 1)?;
    let server = house.open()?;
    let silent =
        (0..3).map(|_| knock(&server, Ipv4Addr::LOCALHOST)).collect::<Result<Vec<_>, _>>()?;
    let mut begun = Vec::new();
    for _ in 0..2 {
        let stream = knock(&server, Ipv4Addr::LOCALHOST)?;
        begun.push(Tls::client(stream, server.address().ip()));
    }
    let mut visitor = Visitor::new(&server, &house.users[0], "the right password")?;
    visitor.did = format!("five clients connected and said nothing; {}", visitor.did);
    let ticket = visitor.ticket().map_err(|stop| stop.look("login-thread"));
    drop((silent, begun));
    ticket.map(|_| ())
}

/// So many guesses at a user's password, all at once.
fn guesses<'s>(
    server: &'s Server<'s>,
    user: &User,
    count: usize,
) -> Result<Vec<Visitor<'s>>, Stop> {
    let what = format!("{count} wrong passwords at once");
    let guess = |number| mistaken(user, &format!("guess number {number}"));
    (0..count).map(|number| Visitor::new(server, &guess(number), &what)).collect()
}

/// Waits until all have their answers, or as good as; gives back how long that took for each.
fn when_answered(server: &Server, visitors: &mut [Visitor]) -> Vec<Duration> {
    let start = Instant::now();
    let mut times = vec![None; visitors.len()];
    // What is not answered shows when it is asked for.
    let _ = server.patiently(BLOCKED, || {
        for (visitor, time) in visitors.iter_mut().zip(&mut times) {
            let done = time.is_none() && (visitor.heard().is_some() || visitor.tls.end.is_some());
            if done {
                *time = Some(start.elapsed());
            }
        }
        times.iter().all(Option::is_some).then_some(())
    });
    times.into_iter().map(|time| time.unwrap_or(start.elapsed())).collect()
}

/// Three guesses from one address take 2 s on any machine. On a busy one they may take so long
/// even where nobody waits: guesses from other addresses, made at the same time, show whether that
/// is so.
fn slow(trial: &Trial) -> Verdict {
    const LEAST: Duration = Duration::from_millis(1900); // clocks may differ by a little
    const LATER: Duration = Duration::from_millis(500);
    const TRIES: usize = 5;
    let house = House::new(trial, 1)?;
    let ann = &house.users[0];
    let server = house.open()?;
    for _ in 0..TRIES {
        let mut visitors = guesses(&server, ann, 3)?;
        for host in 51..54 {
            let from = Ipv4Addr::new(127, 0, 0, host);
            let user = mistaken(ann, "something else");
            visitors.push(Visitor::from(&server, &user, "a wrong password", from)?);
        }
        let times = when_answered(&server, &mut visitors);
        visitors.iter_mut().try_for_each(|visitor| visitor.is_refused().map(|_| ()))?;
        let [same, others] = [&times[..3], &times[3..]].map(|times| times.iter().max().copied());
        let [same, others] = [same, others].map(Option::unwrap_or_default);
        if same < LEAST {
            let failure = visitors[0].failure("the last answer after 2 s or later");
            return Err(failure.received("all three answers before that").into());
        }
        if same >= others + LATER {
            return Ok(());
        }
    }
    Ok(()) // too busy a machine to tell
}

/// A server that sleeps while somebody else's login is there to be answered lets him wait. A busy
/// machine does not: what has something to do is not asleep then.
fn others(trial: &Trial) -> Verdict {
    const ASLEEP: Patience = Patience { idle: Duration::from_millis(600), ..Patience::SHORT };
    let house = House::new(trial, 2)?;
    let [ann, bob] = [&house.users[0], &house.users[1]];
    let server = house.open()?;
    let mut visitors = guesses(&server, ann, 5)?;
    // As soon as one is answered, the others have been heard, too, and wait.
    let first = || visitors.iter_mut().find_map(Visitor::heard);
    if let Err(event) = server.patiently(BLOCKED, first) {
        let failure = visitors[0].failure("an answer to the first of them");
        return Err(failure.received("none").lines(server.observed(&event)).into());
    }
    let mut other = Visitor::new(&server, bob, "the right password")?;
    other.did = format!("made 5 guesses at {}; then {}", ann.name, other.did);
    other.patience = ASLEEP;
    other.ticket().map(|_| ())
}

fn chat(trial: &Trial) -> Verdict {
    let house = House::new(trial, 2)?;
    let server = house.open()?;
    let mut room = Room::new(&server);
    for user in &house.users {
        joins(&mut room, &server, user)?;
    }
    let message = trial.sentence();
    room.say(0, message.as_bytes());
    room.hears(1, 0, &message).map_err(because_of_the_ticket)?;
    room.no_more().map_err(because_of_the_ticket)?;
    let leaves = room.guests.remove(0);
    room.do_also(format!("{} left", leaves.name));
    drop(leaves);
    room.all_see_all().map_err(because_of_the_ticket)
}

fn hidden(trial: &Trial) -> Verdict {
    let house = House::new(trial, 1)?;
    let ann = &house.users[0];
    let server = house.open()?;
    let other = password(trial);
    Visitor::new(&server, &mistaken(ann, &other), "a wrong password")?.is_refused()?;
    let ticket = ticket_of(&server, ann)?;
    let mut room = Room::new(&server);
    enters(&mut room, ann, &ticket)?;
    server.settle();
    let printed = [server.stdout.bytes(), server.stderr.bytes()].concat();
    let shows = |secret: &str| smtp::shows(&printed, &smtp::forms(&ann.name, secret));
    let what = match () {
        () if shows(&ann.password) => "the password",
        () if shows(&other) => "the wrong password",
        () if shows(&ticket) => "the ticket",
        () => return Ok(()),
    };
    let failure = room.failure("neither password nor ticket on its outputs".to_owned());
    Err(failure.received(what).into())
}
