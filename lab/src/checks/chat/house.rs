//! The directory of a chat server with passwords, its users, and visitors at its login.
#![expect(
    clippy::indexing_slicing,
    reason = "guests, users and names are the check's own; roster.rs reads what servers send"
)]

use std::cell::RefCell;
use std::fs::{self, DirBuilder, Permissions};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::time::Duration;

use memchr::memmem;
use socket2::{Domain, Socket, Type};

use crate::checks::chat::room::{BLOCKED, Guest, Room, fault, names, shown};
use crate::os::program::{Event, Patience, said};
use crate::os::scratch::Scratch;
use crate::os::sockets;
use crate::text::bytes::quote;
use crate::trial::{Failure, Server, Stop, Trial, Verdict};
use crate::wire::certificates;
use crate::wire::tls::{Tls, TlsEnd};

pub(in crate::checks) const PORTS: &str = "The chat server listens at the ADDRESS and PORT it was given, and for logins \
                     at the port behind it: 5000 and 5001, if it was given none.";
pub(in crate::checks) const TICKET: &str = "To the right password of a registered user the answer is `TICKET`, a space \
                      and the ticket; to anything else it is `REFUSED`, a space and a sentence \
                      that says why.";

/// A user, as the check has registered it.
#[derive(Clone)]
pub(in crate::checks) struct User {
    pub(in crate::checks) name: String,
    pub(in crate::checks) password: String,
}

/// The directory in which the program runs, with a certificate, and the users in it.
pub(in crate::checks) struct House<'t> {
    pub(in crate::checks) trial: &'t Trial<'t>,
    pub(in crate::checks) directory: Scratch,
    pub(in crate::checks) users: Vec<User>,
    /// What the program has printed as it registered them.
    pub(in crate::checks) printed: RefCell<Vec<u8>>,
}

/// The same user with another password.
pub(in crate::checks) fn mistaken(user: &User, password: &str) -> User {
    User { name: user.name.clone(), password: password.to_owned() }
}

/// Beyond ASCII, of any length, with a capital, a space and what separates the columns of the file.
pub(in crate::checks) fn password(trial: &Trial) -> String {
    let letters = |count| String::from_utf8_lossy(&trial.letters(count)).into_owned();
    format!("{} P\u{e4}ss:{}", letters(6), letters(6 + trial.number(0..3)))
}

impl<'t> House<'t> {
    /// A house with so many users.
    pub(in crate::checks) fn new(trial: &'t Trial<'t>, count: usize) -> Result<House<'t>, Stop> {
        let users = names(trial, count).into_iter();
        let users = users.map(|name| User { name, password: password(trial) }).collect();
        House::of(trial, users)
    }

    pub(in crate::checks) fn of(trial: &'t Trial<'t>, users: Vec<User>) -> Result<House<'t>, Stop> {
        let made = || {
            let directory = Scratch::directory()?;
            let chat = directory.path().join("chat");
            DirBuilder::new().mode(0o700).create(&chat)?;
            fs::write(chat.join("server.pem"), &certificates::fine().certificate)?;
            let key = chat.join("server-key.pem");
            fs::write(&key, &certificates::fine().key)?;
            fs::set_permissions(&key, Permissions::from_mode(0o600))?;
            Ok(directory)
        };
        let directory = made().map_err(|error: std::io::Error| {
            Stop::Fault(format!("the check needs a directory of its own: {error}"))
        })?;
        trial.work_in(directory.path());
        let house = House { trial, directory, users, printed: RefCell::default() };
        for user in &house.users {
            house.register(user)?;
        }
        Ok(house)
    }

    /// The file of users.
    pub(in crate::checks) fn file(&self) -> String {
        let bytes = fs::read(self.directory.path().join("chat/users")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(in crate::checks) fn register(&self, user: &User) -> Verdict {
        let program = self.trial.job(&["register", &user.name])?;
        program.type_line(user.password.as_bytes());
        program.type_line(user.password.as_bytes());
        let did = format!("typed a password twice into `{}`", program.command_line);
        let line = format!("{}:", user.name);
        let failure =
            Failure::new(did, format!("a line \"{line}HASH\" in chat/users, and exit status 0"));
        let ended = program.wait();
        let printed = [program.stdout.bytes(), program.stderr.bytes()].concat();
        self.printed.borrow_mut().extend(printed);
        let failure = match ended {
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
    pub(in crate::checks) fn line(&self, user: &User) -> String {
        let file = self.file();
        let begin = format!("{}:", user.name);
        file.lines().find(|line| line.starts_with(&begin)).unwrap_or_default().to_owned()
    }

    /// A server that has opened both its ports.
    pub(in crate::checks) fn open(&self) -> Result<Server<'t>, Stop> {
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
pub(in crate::checks) struct Visitor<'s> {
    pub(in crate::checks) server: &'s Server<'s>,
    pub(in crate::checks) tls: Tls,
    pub(in crate::checks) did: String,
    /// How long the answer may take to come.
    pub(in crate::checks) patience: Patience,
}

/// A socket that is connected to the server's login, from this address.
pub(in crate::checks) fn knock(server: &Server, from: Ipv4Addr) -> Result<TcpStream, Stop> {
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
    pub(in crate::checks) fn new(
        server: &'s Server<'s>,
        user: &User,
        what: &str,
    ) -> Result<Visitor<'s>, Stop> {
        Visitor::from(server, user, what, Ipv4Addr::LOCALHOST)
    }

    pub(in crate::checks) fn from(
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

    pub(in crate::checks) fn failure(&self, expected: &str) -> Failure {
        let replay = self.server.trial().replay_run(self.server.port);
        Failure::new(self.did.clone(), expected).replay(replay)
    }

    /// The answer, if it is there: a line.
    pub(in crate::checks) fn heard(&mut self) -> Option<String> {
        while self.tls.end.is_none() && self.tls.look().is_some() {}
        let end = self.tls.heard.iter().position(|byte| *byte == b'\n')?;
        Some(String::from_utf8_lossy(&self.tls.heard[..end]).trim_end_matches('\r').to_owned())
    }

    /// Says in what way the handshake has not come about.
    pub(in crate::checks) fn no_handshake(&self, failure: Failure, event: &Event) -> Failure {
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
    pub(in crate::checks) fn shakes_hands(&mut self) -> Verdict {
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
    pub(in crate::checks) fn answer(&mut self, expected: &str) -> Result<String, Stop> {
        let server = self.server;
        let waited = server.patiently(self.patience, || match self.heard() {
            Some(line) => Some(Ok(line)),
            None => self.tls.end.map(Err),
        });
        let failure = self.failure(expected);
        let begun = self.tls.is_begun();
        Err(match waited {
            Ok(Ok(line)) => return Ok(line),
            Ok(Err(TlsEnd::NoTls)) => failure
                .received("what came is no TLS, or none that goes with the certificate")
                .lines(server.last_words())
                .gap("tls"),
            Ok(Err(TlsEnd::Over(event))) => {
                server.give_up(event);
                failure.lines(server.observed(&event))
            }
            Ok(Err(TlsEnd::Closed)) => {
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
    pub(in crate::checks) fn ticket(&mut self) -> Result<String, Stop> {
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
    pub(in crate::checks) fn is_refused(&mut self) -> Result<String, Stop> {
        let expected = "the answer \"REFUSED …\"";
        let answer = self.answer(expected)?;
        match answer.split_once(' ') {
            Some(("REFUSED", why)) if !why.trim().is_empty() => Ok(answer),
            Some(("TICKET", _)) => Err(self.failure(expected).received("a ticket").into()),
            _ => Err(self.failure(expected).received(quote(answer.as_bytes())).into()),
        }
    }
}

pub(in crate::checks) fn is_a_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Logs in as it should be, and gives back the ticket.
pub(in crate::checks) fn ticket_of(server: &Server, user: &User) -> Result<String, Stop> {
    Visitor::new(server, user, "the right password")?.ticket()
}

/// What fails in the chat fails because of the ticket: all else is given.
pub(in crate::checks) fn because_of_the_ticket(stop: Stop) -> Stop {
    stop.map(|failure| {
        failure.gap = None;
        failure.cause = None;
    })
}

/// Comes to the chat with a ticket, and waits until all see all.
pub(in crate::checks) fn enters(room: &mut Room, user: &User, ticket: &str) -> Verdict {
    room.do_also(format!("{} came with its ticket", user.name));
    room.connect(format!("{} {ticket}\n", user.name).as_bytes(), &user.name, None)?;
    room.all_see_all().map_err(because_of_the_ticket)
}

/// The user logs in, and comes to the chat.
pub(in crate::checks) fn joins(room: &mut Room, server: &Server, user: &User) -> Verdict {
    let ticket = ticket_of(server, user)?;
    enters(room, user, &ticket)
}

/// Demands that the last guest has been told a sentence and no more.
pub(in crate::checks) fn is_out(room: &mut Room, what: &str) -> Verdict {
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
pub(in crate::checks) fn unseen(room: &mut Room, name: &str) -> Verdict {
    let names = |guest: &Guest| memmem::find(&guest.raw, name.as_bytes()).is_some();
    if !room.guests.iter().any(names) {
        return Ok(());
    }
    let failure = room.failure(format!("no roster with {name} in it"));
    Err(failure.received(format!("{name} in a roster")).into())
}
