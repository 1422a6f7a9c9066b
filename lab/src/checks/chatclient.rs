//! Checks of chatclient. The check is the chat server, and the other users. What the Python original
//! cannot do, as a read may bring it more or less than one message, is advice.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use crate::checks::check::Check;
use crate::checks::common::{ELSEWHERE, ZEROS, must_end, typed, typed_at};
use crate::os::program::{Event, said};
use crate::os::sockets::{self, Socket, Transport};
use crate::text::bytes::quote;
use crate::trial::{CLIENT, Failure, Started, Stop, Trial, Verdict};
use crate::wire::peers::{ANOTHER, Accepted, ClosedPort, End, TcpServer, UdpServer, finds, same};

const CONNECTS: &str = "The chat client connects to the SERVER and PORT it was given, asks for a name \
                        and sends it.";
const COMMANDS: &str = "`#ls` prints the roster, `@name: msg` goes by UDP to that user, and any other \
                        line goes to the server.";
const MESSAGE: &str = "What the server sends is a roster, or a message, which the client prints as \
                       `incoming msg from chatserver (MSG)`.";
const REFUSED: &str = "Without a server it prints `could not connect to chat server...` and ends.";
const ONE_SOCKET: &str = "On one host each client needs a CLIENT_IP of its own, such as 127.0.0.11 and \
                          127.0.0.12, since there can be only one UDP socket at an address and port.";
const PIECES: &str = "TCP does not keep messages apart: they may come glued together, or in pieces, \
                      and the client finds them all the same.";

const ONLY_LOOKED_AT: &str =
    "what has come is only looked at, and never taken from the socket: it comes again and again";

const ONE_SENDER: &str = "its UDP socket is connected to one sender, and hears nobody else";

pub const CHECKS: &[Check] = &[
    Check {
        name: "connects",
        title: "the client connects to the server",
        door: true,
        after: None,
        points: 1,
        gap: "connect",
        rule: CONNECTS,
        run: connects,
    },
    Check {
        name: "name",
        title: "the name is sent to the server, first and alone",
        door: true,
        after: None,
        points: 1,
        gap: "send-name",
        rule: "The name goes first and alone, without the end of its line.",
        run: name,
    },
    Check {
        name: "roster",
        title: "the roster is received, and #ls prints it",
        door: true,
        after: None,
        points: 1,
        gap: "receive-tcp",
        rule: COMMANDS,
        run: roster,
    },
    Check {
        name: "asks",
        title: "it says what can be typed, and asks for it",
        door: false,
        after: None,
        points: 1,
        gap: "send-name",
        rule: "It asks with the words `First enter your name to register it in the server: `; then \
               it says `Connection Established!` and what can be typed, and asks for each line with \
               `>`.",
        run: asks,
    },
    Check {
        name: "server",
        title: "a server at another address is found",
        door: false,
        after: None,
        points: 1,
        gap: "server-ip",
        rule: CONNECTS,
        run: server,
    },
    Check {
        name: "port",
        title: "its UDP socket is at the PORT",
        door: false,
        after: None,
        points: 1,
        gap: "udp-socket",
        rule: "PORT is the server's TCP port and every client's UDP port.",
        run: port,
    },
    Check {
        name: "address",
        title: "its UDP socket is at the CLIENT_IP",
        door: false,
        after: Some("port"),
        points: 1,
        gap: "client-ip",
        rule: "Its UDP socket is at the CLIENT_IP it was given; without one, at this host's own \
               address.",
        run: address,
    },
    Check {
        name: "prints",
        title: "what the others say is printed",
        door: false,
        after: None,
        points: 1,
        gap: "receive-tcp",
        rule: MESSAGE,
        run: prints,
    },
    Check {
        name: "python",
        title: "a server in Python, which sends no newline",
        door: false,
        after: Some("prints"),
        points: 1,
        gap: "receive-tcp",
        rule: "A server in Python ends its messages in nothing: what one read brings, up to 1024 \
               bytes, is then a message.",
        run: python,
    },
    Check {
        name: "rosters",
        title: "a later roster takes the place of the first",
        door: false,
        after: Some("prints"),
        points: 1,
        gap: "receive-tcp",
        rule: "The last roster counts.",
        run: rosters,
    },
    Check {
        name: "received",
        title: "what a user sends directly is printed, with the name",
        door: false,
        after: Some("address"),
        points: 1,
        gap: "receive-udp",
        rule: "A datagram is printed as `Incoming msg (P2P) from NAME:MSG`, where NAME has the \
               sender's address in the roster.",
        run: received,
    },
    Check {
        name: "stranger",
        title: "a sender that is not in the roster has no name",
        door: false,
        after: Some("received"),
        points: 1,
        gap: "receive-udp",
        rule: "A sender whose address is not there is called `Non-registered`.",
        run: stranger,
    },
    Check {
        name: "sent",
        title: "@name: msg goes straight to that user",
        door: false,
        after: Some("address"),
        points: 2,
        gap: "send-udp",
        rule: "Of a direct message, what stands behind the colon is sent as it is, in one datagram, straight to the user's \
               address and PORT.",
        run: sent,
    },
    Check {
        name: "sender",
        title: "the datagram comes from the client's own address",
        door: false,
        after: Some("sent"),
        points: 1,
        gap: "send-udp",
        rule: "It leaves from CLIENT_IP: the receiver knows the sender by that address.",
        run: sender,
    },
    Check {
        name: "unknown",
        title: "who is not in the roster is sent nothing",
        door: false,
        after: Some("sent"),
        points: 1,
        gap: "send-udp",
        rule: "If the roster does not have that user, the client prints `NAME is not registered` and sends \
               nothing.",
        run: unknown,
    },
    Check {
        name: "message",
        title: "any other line goes to the server",
        door: false,
        after: None,
        points: 2,
        gap: "send-tcp",
        rule: "A line goes to the server as it was typed, without its end, and an empty one not at \
               all.",
        run: message,
    },
    Check {
        name: "refused",
        title: "without a server it says so and ends",
        door: false,
        after: None,
        points: 1,
        gap: "connect",
        rule: REFUSED,
        run: refused,
    },
    Check {
        name: "status",
        title: "without a server its exit status is 1",
        door: false,
        after: Some("refused"),
        points: 0,
        gap: "connect",
        rule: "Where there is no server, the exit status is 1.",
        run: status,
    },
    Check {
        name: "taken",
        title: "an address that somebody has is an error",
        door: false,
        after: Some("address"),
        points: 0,
        gap: "udp-socket",
        rule: ONE_SOCKET,
        run: taken,
    },
    Check {
        name: "waits",
        title: "nothing is sent behind the name until the roster has come",
        door: false,
        after: Some("message"),
        points: 0,
        gap: "send-name",
        rule: "Until the first roster has come nothing else is sent, so that the name and a message \
               cannot arrive as one.",
        run: waits,
    },
    Check {
        name: "glued",
        title: "messages and rosters that arrive as one are told apart",
        door: false,
        after: Some("python"),
        points: 0,
        gap: "receive-tcp",
        rule: PIECES,
        run: glued,
    },
    Check {
        name: "pieces",
        title: "messages and rosters that arrive in pieces are put together",
        door: false,
        after: Some("python"),
        points: 0,
        gap: "receive-tcp",
        rule: PIECES,
        run: pieces,
    },
    Check {
        name: "crowd",
        title: "a roster of 500 users",
        door: false,
        after: Some("python"),
        points: 0,
        gap: "receive-tcp",
        rule: "A roster may be longer than what one read brings.",
        run: crowd,
    },
    Check {
        name: "gone",
        title: "the end of the server is said, and is the client's end",
        door: false,
        after: Some("prints"),
        points: 0,
        gap: "receive-tcp",
        rule: "When the server has closed the connection, the client says so and ends, with exit \
               status 0.",
        run: gone,
    },
    Check {
        name: "leaves",
        title: "at the end of its input it leaves the chat",
        door: false,
        after: Some("message"),
        points: 0,
        gap: "send-tcp",
        rule: "The end of the input (Ctrl-D) leaves the chat.",
        run: leaves,
    },
];

const PROMPT: &str = "First enter your name to register it in the server: ";
/// Where two other users are, and where a datagram for the server's host would arrive.
const HOSTS: [Ipv4Addr; 3] =
    [Ipv4Addr::new(127, 0, 0, 12), Ipv4Addr::new(127, 0, 0, 13), Ipv4Addr::LOCALHOST];

/// What the server's messages end in. One in Python ends them in nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Newline,
    Nothing,
}

/// A client in the chat that the check plays.
struct Chat<'t> {
    client: Started<'t>,
    listener: TcpServer,
    server: Accepted,
    /// The UDP sockets at the HOSTS, where a check needs them.
    hosts: Vec<UdpServer>,
    ends: Ends,
    /// The client's name, and those of the users at the first two HOSTS.
    names: [String; 3],
    /// The roster.
    users: BTreeMap<String, Ipv4Addr>,
    /// What was done up to now, as a report says it.
    did: String,
    /// How much was printed before that was done.
    printed: usize,
}

/// A text between quotes, as it is read on a screen; only what is very long is cut.
fn whole(bytes: &[u8]) -> String {
    const LONG: usize = 300;
    match bytes.len() {
        ..LONG => {
            let text = String::from_utf8_lossy(bytes);
            format!("\"{}\"", text.replace('\n', "\\n").replace('\0', "\\0"))
        }
        _ => quote(bytes),
    }
}

/// Names that nobody can guess.
fn names(trial: &Trial) -> [String; 3] {
    ["ann", "bob", "cid"].map(|name| name.to_owned() + &String::from_utf8_lossy(&trial.letters(3)))
}

/// Waits for the connection of a client that was started.
fn accept(listener: &TcpServer, client: &Started, did: &str) -> Result<Accepted, Stop> {
    listener.accept(client, did).map_err(|stop| {
        let no_address = ["in use", "not available", "cannot assign"];
        if no_address.iter().any(|words| client.ended_saying(words)) {
            return stop.look("udp-socket").or_cause(
                "the UDP socket was not to be had: it belongs at the address `client_ip` and the \
                 `port`",
            );
        }
        match client.ended_saying("refused") {
            true => stop.or_cause(ELSEWHERE),
            false => stop,
        }
    })
}

/// The program's UDP socket, or why there is none.
fn udp_socket(client: &Started) -> Result<Socket, Event> {
    let is_udp = |socket: &Socket| socket.transport == Transport::Udp;
    client.until(|| sockets::of(&client.processes()).into_iter().find(is_udp))
}

impl<'t> Chat<'t> {
    /// A client that has sent its name.
    fn begin(trial: &'t Trial, ends: Ends, hosts: usize) -> Result<Chat<'t>, Stop> {
        let (listener, hosts) = TcpServer::beside(trial, &HOSTS[..hosts])?;
        let names = names(trial);
        let (client, did) = typed(trial, listener.port, &names[0])?;
        let mut server = accept(&listener, &client, &did)?;
        server.read(names[0].len(), &client); // what exactly: a door has seen it
        server.bytes.clear();
        let users = BTreeMap::new();
        Ok(Chat { client, listener, server, hosts, ends, names, users, did, printed: 0 })
    }

    /// A client that has had its first roster, with three users in it.
    fn join(trial: &'t Trial, ends: Ends, hosts: usize) -> Result<Chat<'t>, Stop> {
        let mut chat = Chat::begin(trial, ends, hosts)?;
        let [me, second, third] = chat.names.clone();
        let own = chat.own_address();
        chat.users = [(me, own), (second, HOSTS[0]), (third, HOSTS[1])].into();
        chat.send_roster();
        Ok(chat)
    }

    /// Where the client's UDP socket is, or has to be.
    fn own_address(&self) -> Ipv4Addr {
        if !self.client.trial().target.client_is_fixed() {
            return CLIENT;
        }
        match udp_socket(&self.client).map(|socket| socket.local.ip()) {
            Ok(std::net::IpAddr::V4(ip)) => ip,
            _ => Ipv4Addr::LOCALHOST, // another check says that there is none
        }
    }

    fn own_socket(&self) -> SocketAddr {
        (self.own_address(), self.listener.port).into()
    }

    fn act(&mut self, what: String) {
        self.did += &format!("; {what}");
        self.printed = self.client.stdout.bytes().len();
    }

    fn types(&mut self, line: &str) {
        self.act(format!("typed {}", whole(line.as_bytes())));
        self.client.type_line(line.as_bytes());
    }

    /// The roster, as a server writes it.
    fn roster(&self) -> String {
        let entry = |(name, ip): (&String, &Ipv4Addr)| format!("\"{name}\": \"{ip}\"");
        let entries: Vec<String> = self.users.iter().map(entry).collect();
        format!("!{{{}}}{}", entries.join(", "), self.end())
    }

    fn end(&self) -> &'static str {
        if self.ends == Ends::Newline { "\n" } else { "" }
    }

    /// The server sends this, and the client takes it in.
    fn sends(&mut self, bytes: &[u8]) {
        self.act(format!("the server sent {}", whole(bytes)));
        self.server.send(bytes);
        self.server.is_taken(&self.client); // if not, what it does next shows it
    }

    fn send_roster(&mut self) {
        self.sends(self.roster().as_bytes());
    }

    /// What was printed since something was done.
    fn shown(&self) -> String {
        let printed = self.client.stdout.bytes();
        String::from_utf8_lossy(printed.get(self.printed..).unwrap_or_default()).into_owned()
    }

    fn failure(&self, expected: impl Into<String>) -> Failure {
        let trial = self.client.trial();
        let [me, second, _] = &self.names;
        let roster = format!("!{{\"{me}\": \"{CLIENT}\", \"{second}\": \"{}\"}}", HOSTS[0]);
        let replay = trial.replay_client();
        let port = trial.target.facts.port;
        // Somebody at another address, who sends and receives.
        let third = match self.hosts.is_empty() {
            true => String::new(),
            false => format!("\nterminal 3: nc -u -s {} -p {port} {CLIENT} {port}", HOSTS[0]),
        };
        let replay =
            format!("{replay}{third}\ntype {me} in terminal 2, then {roster} in terminal 1");
        Failure::new(self.did.clone(), expected).replay(replay)
    }

    /// What the program printed instead, and how it stands.
    fn instead(&self, failure: Failure, event: &Event) -> Failure {
        let shown = self.shown();
        let shown = shown.trim_matches(['>', '\n', ' ']);
        let failure = match shown {
            "" if failure.received.is_empty() => failure.received("nothing"),
            "" => failure,
            _ => failure.received(format!("it printed {}", whole(shown.as_bytes()))),
        };
        let failure = match shown.contains('\0') {
            true => failure.cause(ZEROS),
            false => failure,
        };
        failure.lines(match event {
            Event::Idle => self.client.last_words(),
            _ => self.client.observed(event),
        })
    }

    /// Demands this on the screen, once.
    fn prints(&self, expected: &str) -> Verdict {
        self.prints_one_of(&[expected.to_owned()])
    }

    fn prints_one_of(&self, expected: &[String]) -> Verdict {
        let there = || {
            let shown = self.shown();
            expected.iter().find(|text| shown.contains(text.as_str()))
        };
        let found = self.client.until(there).map_err(|event| {
            self.instead(
                self.failure(format!("on the screen {}", whole(expected[0].as_bytes()))),
                &event,
            )
        })?;
        self.client.settle();
        let shown = self.client.stdout.text();
        if shown.contains('\0') {
            let failure = self.failure(format!("on the screen {}", whole(found.as_bytes())));
            return Err(failure.received("more than that").cause(ZEROS).into());
        }
        if shown.matches(found.as_str()).count() == 1 {
            return Ok(());
        }
        let failure = self.failure(format!("on the screen {}, once", whole(found.as_bytes())));
        Err(failure.received("it is printed again and again").cause(ONLY_LOOKED_AT).into())
    }

    /// The server sends a message, and the client prints it.
    fn hears(&mut self, msg: &str) -> Verdict {
        self.sends(format!("{msg}{}", self.end()).as_bytes());
        self.prints_message(msg)
    }

    fn prints_message(&self, msg: &str) -> Verdict {
        let printed = |end| format!("incoming msg from chatserver ({msg}{end})");
        self.prints_one_of(&[printed(""), printed(self.end())])
    }

    /// `#ls` prints the roster, and does not have this user.
    fn lists(&mut self, gone: Option<&str>) -> Verdict {
        self.types("#ls");
        // However it is written: each name, and then its address.
        let is_between = |c: char| !c.is_alphanumeric() && c != '.';
        let all = || {
            let shown = self.shown();
            let words: Vec<&str> =
                shown.split(is_between).filter(|word| !word.is_empty()).collect();
            let pairs: BTreeSet<_> = words.windows(2).map(|pair| (pair[0], pair[1])).collect();
            let has = |(name, ip): (&String, &Ipv4Addr)| {
                pairs.contains(&(name.as_str(), ip.to_string().as_str()))
            };
            self.users.iter().all(has).then(|| shown.clone())
        };
        let expected = match self.users.len() {
            ..=5 => {
                let entry = |(name, ip): (&String, &Ipv4Addr)| format!("{name} {ip}");
                let entries: Vec<String> = self.users.iter().map(entry).collect();
                format!("on the screen {}", entries.join(", "))
            }
            count => format!("on the screen all {count} users"),
        };
        match (self.client.until(all), gone) {
            (Err(event), _) => Err(self.instead(self.failure(expected), &event).into()),
            (Ok(shown), Some(gone)) if shown.contains(gone) => Err(self
                .failure(format!("{expected}, and nobody else"))
                .received(format!("{gone}, too"))
                .into()),
            _ => Ok(()),
        }
    }

    /// A line that is typed arrives at the server as it is.
    fn says(&mut self, line: &str) -> Verdict {
        self.server.bytes.clear();
        self.types(line);
        let end = self.server.read(line.len(), &self.client);
        self.client.settle();
        self.server.catch_up();
        let failure = self.failure(format!("{} at the server", whole(line.as_bytes())));
        let received = &self.server.bytes;
        match end {
            _ if !received.is_empty() => same(failure, line.as_bytes(), received),
            Some(End::Open(event)) => Err(self
                .instead(failure, &event)
                .lines(self.listener.pending().map(|_| "a second connection".to_owned()))
                .into()),
            _ => Err(failure
                .received("the end of the connection")
                .lines(self.client.settle().map(said))
                .lines(self.client.last_words())
                .into()),
        }
    }

    /// A direct message for the user at the first of the HOSTS: what arrives there, and from where.
    fn says_directly(&mut self, msg: &str) -> Result<(Vec<u8>, SocketAddr), Stop> {
        self.server.bytes.clear();
        self.types(&format!("@{}:{msg}", self.names[1]));
        let at = SocketAddrV4::new(HOSTS[0], self.listener.port);
        let failure = self.failure(format!("the datagram {} at {at}", whole(msg.as_bytes())));
        let [wanted, other, servers] = self.hosts.as_slice() else { unreachable!("all three") };
        enum Came {
            Datagram(Vec<u8>, SocketAddr),
            Elsewhere(String),
        }
        let server = &mut self.server;
        let looked = self.client.until(|| {
            if let Ok(Some((datagram, from))) = wanted.pending_from() {
                return Some(Came::Datagram(datagram, from));
            }
            for (socket, host) in [(other, HOSTS[1]), (servers, HOSTS[2])] {
                if let Ok(Some(datagram)) = socket.pending() {
                    let place = SocketAddrV4::new(host, socket.port);
                    return Some(Came::Elsewhere(format!("{} at {place}", whole(&datagram))));
                }
            }
            server.catch_up();
            let over_tcp = || format!("{} at the server, over TCP", whole(&server.bytes));
            (!server.bytes.is_empty()).then(|| Came::Elsewhere(over_tcp()))
        });
        match looked {
            Ok(Came::Datagram(datagram, from)) => Ok((datagram, from)),
            Ok(Came::Elsewhere(what)) => Err(failure.received(what).into()),
            Err(event) => Err(self.instead(failure.received("no datagram there"), &event).into()),
        }
    }

    /// Nothing has gone to anybody without being asked for.
    fn sends_nothing(&mut self, expected: &str) -> Verdict {
        self.client.settle();
        self.server.catch_up();
        let mut failure = self.failure(expected);
        if !self.server.bytes.is_empty() {
            failure = failure.received(format!("{} at the server", whole(&self.server.bytes)));
        }
        for (socket, host) in self.hosts.iter().zip(HOSTS) {
            if let Some(datagram) = socket.pending()? {
                failure = failure.received(format!("{} at {host}", whole(&datagram)));
            }
        }
        if failure.received.is_empty() { Ok(()) } else { Err(failure.into()) }
    }
}

fn connects(trial: &Trial) -> Verdict {
    let (listener, _) = TcpServer::beside(trial, &[])?;
    let (client, did) = typed(trial, listener.port, &names(trial)[0])?;
    accept(&listener, &client, &did)?;
    Ok(())
}

/// Beyond the letters of ASCII, too.
fn name(trial: &Trial) -> Verdict {
    let (listener, _) = TcpServer::beside(trial, &[])?;
    let name = format!("\u{d8}{}", names(trial)[0]);
    let (client, did) = typed(trial, listener.port, &name)?;
    let mut server = accept(&listener, &client, &did)?;
    let end = server.read(name.len(), &client);
    client.settle();
    server.catch_up();
    let failure = Failure::new(did, format!("the bytes {}", quote(name.as_bytes())));
    let failure = failure.replay(trial.replay_client());
    match end {
        Some(end) if server.bytes.is_empty() => {
            let failure = match end {
                End::Open(event) => failure
                    .received("no byte; the connection is open")
                    .lines(client.observed(&event)),
                End::Closed | End::Reset => failure
                    .received("the connection closed, without a byte")
                    .lines(client.settle().map(said))
                    .lines(client.last_words()),
            };
            Err(match listener.pending() {
                None => failure,
                Some(_) => failure
                    .received("a second connection, beside the first")
                    .cause("one connection is enough: what was sent came over another")
                    .gap("connect"),
            }
            .into())
        }
        _ => same(failure, name.as_bytes(), &server.bytes),
    }
}

fn roster(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 0)?;
    let listed = chat.lists(None);
    let taken = chat.server.is_taken(&chat.client);
    match listed {
        Err(stop) if chat.client.exited().is_some() => Err(stop),
        Err(stop) if !taken => Err(stop.or_cause("the roster has arrived, and was not read")),
        Err(stop) => Err(stop.or_cause(
            "the roster was read, and not made use of: one read takes what is there, and does not \
             wait for more; nor is ACTIVE_USERS locked meanwhile",
        )),
        Ok(()) if !taken => {
            let failure = chat.failure("a client that has taken the roster from its socket");
            let failure = failure.received("the roster, which it has used, and not taken");
            Err(failure.cause(ONLY_LOOKED_AT).into())
        }
        Ok(()) => Ok(()),
    }
}

fn asks(trial: &Trial) -> Verdict {
    // In this order, with other words between them.
    const WORDS: [&str; 6] =
        [PROMPT, "Connection Established!", "#ls", "@<user1>: msg", "write your msg", ">"];
    let chat = Chat::join(trial, Ends::Newline, 0)?;
    let missing = || {
        let shown = chat.client.stdout.text();
        let mut rest = shown.as_str();
        WORDS.into_iter().find(|words| match rest.split_once(words) {
            Some((_, behind)) => {
                rest = behind;
                false
            }
            None => true,
        })
    };
    let all = || missing().is_none().then_some(());
    let Err(event) = chat.client.until(all) else { return Ok(()) };
    let expected = format!("on the screen {:?}", missing().unwrap_or_default());
    Err(chat.instead(chat.failure(expected), &event).into())
}

fn server(trial: &Trial) -> Verdict {
    let Some(servers) = TcpServer::two(trial)? else { return Ok(()) };
    let wanted = SocketAddrV4::new(ANOTHER, servers[0].port);
    let started = typed_at(trial, wanted, &names(trial)[0])?;
    finds(&servers, wanted, started, "a connection", |server| server.pending().is_some())
}

/// The program's UDP socket is as it should be.
fn socket_is(
    trial: &Trial,
    expected: impl Fn(u16) -> String,
    right: impl Fn(&Socket, u16) -> bool,
) -> Verdict {
    let chat = Chat::begin(trial, Ends::Newline, 0)?;
    let port = chat.listener.port;
    let failure = Failure::new(chat.did.clone(), expected(port)).replay(trial.replay_client());
    let socket = match udp_socket(&chat.client) {
        Ok(socket) if right(&socket, port) => return Ok(()),
        Ok(socket) => socket,
        Err(event) => {
            let failure = failure.received("no UDP socket");
            return Err(failure.lines(chat.client.observed(&event)).gap("udp-socket").into());
        }
    };
    let failure = failure.received(format!("a UDP socket at {}", socket.local));
    Err(match socket.everywhere() && socket.local.port() == port {
        true => failure.cause(ONE_SOCKET).gap("udp-socket"),
        false => failure,
    }
    .into())
}

fn port(trial: &Trial) -> Verdict {
    let expected = |port| format!("a UDP socket at port {port}");
    socket_is(trial, expected, |socket, port| socket.local.port() == port)
}

/// One that cannot be told its address has another, of which nothing is known here.
fn address(trial: &Trial) -> Verdict {
    let fixed = trial.target.client_is_fixed();
    let expected = |port| format!("a UDP socket at {CLIENT}:{port}");
    socket_is(trial, expected, |socket, port| {
        socket.local.port() == port && (fixed || socket.local.ip() == CLIENT)
    })
}

fn prints(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 0)?;
    for _ in 0..2 {
        let msg = format!("{}: {} caf\u{e9} ", chat.names[1], trial.sentence());
        chat.hears(&msg)?;
    }
    Ok(())
}

fn python(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Nothing, 0)?;
    let name = chat.names[1].clone();
    chat.hears(&format!("{name}: {} ", trial.sentence()))?;
    chat.users.remove(&name);
    chat.send_roster();
    let long = String::from_utf8_lossy(&trial.letters(1000)).into_owned();
    chat.hears(&format!("{}: {long} ", chat.names[2]))
}

fn rosters(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 0)?;
    let [_, leaves, comes] = chat.names.clone();
    chat.users.remove(&leaves);
    chat.users.insert(format!("dee{comes}"), HOSTS[0]);
    chat.send_roster();
    chat.lists(Some(&leaves))
}

fn received(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 2)?;
    for user in [0, 1, 0] {
        let msg = format!(" {} caf\u{e9}", trial.sentence());
        chat.is_sent(user, &msg)?;
        let expected = format!("Incoming msg (P2P) from {}:{msg}", chat.names[user + 1]);
        chat.prints(&expected).map_err(|stop| match udp_socket(&chat.client) {
            Ok(socket) if socket.open_to_all => stop,
            Ok(socket) if HOSTS[..2].iter().any(|host| socket.remote.ip() == *host) => {
                stop.or_cause(ONE_SENDER)
            }
            Ok(_) => stop.or_cause(ONE_SENDER).look("udp-socket"),
            Err(_) => stop,
        })?;
    }
    Ok(())
}

impl Chat<'_> {
    /// One of the HOSTS sends the client a datagram.
    fn is_sent(&mut self, host: usize, msg: &str) -> Verdict {
        let to = self.own_socket();
        self.act(format!("{} sent the datagram {} to {to}", HOSTS[host], whole(msg.as_bytes())));
        self.hosts[host].send(msg.as_bytes(), to)
    }
}

fn stranger(trial: &Trial) -> Verdict {
    let mut chat = Chat::begin(trial, Ends::Newline, 2)?;
    chat.users = [(chat.names[0].clone(), chat.own_address())].into();
    chat.send_roster();
    let msg = format!(" {}", trial.sentence());
    chat.is_sent(0, &msg)?;
    chat.prints(&format!("Incoming msg (P2P) from Non-registered:{msg}"))
}

fn sent(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 3)?;
    for msg in [format!(" {}", trial.sentence()), format!("{}: caf\u{e9} ", trial.sentence())] {
        let (datagram, _) = chat.says_directly(&msg)?;
        let failure = chat.failure(format!("the datagram {}", quote(msg.as_bytes())));
        same(failure, msg.as_bytes(), &datagram)?;
        chat.sends_nothing(&format!("one datagram to {}, and nothing else", HOSTS[0]))?;
    }
    match udp_socket(&chat.client) {
        Ok(socket) if !socket.open_to_all => {
            let failure = chat.failure("a UDP socket that goes on hearing everybody");
            let failure = failure.received(format!("one that is connected to {}", socket.remote));
            Err(failure.cause(ONE_SENDER).into())
        }
        _ => Ok(()),
    }
}

fn sender(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 3)?;
    let (_, from) = chat.says_directly(&format!(" {}", trial.sentence()))?;
    let own = chat.own_address();
    if from.ip() == own {
        return Ok(());
    }
    let failure = chat.failure(format!("a datagram from {own}"));
    Err(failure.received(format!("a datagram from {}", from.ip())).into())
}

fn unknown(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 3)?;
    let nobody = format!("dee{}", &chat.names[2]);
    chat.types(&format!("@{nobody}: {}", trial.sentence()));
    chat.prints(&format!("{nobody} is not registered"))?;
    chat.sends_nothing("nothing to anybody")
}

fn message(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 0)?;
    chat.says(&trial.sentence())?;
    chat.types("");
    chat.says(&format!("  {} caf\u{e9} \u{3b1}: @{} ", trial.sentence(), chat.names[1]))?;
    chat.says("#lsx")
}

/// A client that finds no server.
fn alone<'t>(trial: &'t Trial) -> Result<(Started<'t>, Failure), Stop> {
    let closed = ClosedPort::beside(trial)?;
    let (client, did) = typed(trial, closed.port, &names(trial)[0])?;
    let did = format!("{did}, with no server at that port");
    let failure = Failure::new(did, "").replay(trial.replay_alone());
    client.wait().map_err(|event| {
        let mut failure = failure.clone().lines(client.observed(&event));
        failure.expected = "the end of the program".to_owned();
        failure
    })?;
    Ok((client, failure))
}

fn refused(trial: &Trial) -> Verdict {
    const SENTENCE: &str = "could not connect to chat server...";
    let (client, mut failure) = alone(trial)?;
    let shown = client.stdout.text();
    if shown.contains(SENTENCE) {
        return Ok(());
    }
    failure.expected = format!("on the screen {SENTENCE:?}");
    let failure = failure.received(match shown.as_str() {
        "" => "nothing".to_owned(),
        shown => quote(shown.as_bytes()),
    });
    Err(failure.lines(client.last_words()).into())
}

fn status(trial: &Trial) -> Verdict {
    let (client, mut failure) = alone(trial)?;
    match client.exited() {
        Some(status) if !status.success() => Ok(()),
        status => {
            failure.expected = "an exit status that is not 0".to_owned();
            Err(failure.lines(status.map(said)).into())
        }
    }
}

fn taken(trial: &Trial) -> Verdict {
    if trial.target.client_is_fixed() {
        return Ok(());
    }
    let (listener, _taken) = TcpServer::beside(trial, &[CLIENT])?;
    let (client, did) = typed(trial, listener.port, &names(trial)[0])?;
    let failure = Failure::new(
        format!("{did}, with a UDP socket of somebody else at {CLIENT}:{}", listener.port),
        "an error on stderr and an exit status that is not 0",
    )
    .replay(trial.replay_alone());
    Err(match client.wait() {
        Ok(status) if !status.success() && !client.stderr.bytes().is_empty() => return Ok(()),
        Ok(status) => failure.received(said(status)).lines(client.last_words()),
        Err(event) => failure.lines(client.observed(&event)),
    }
    .into())
}

fn waits(trial: &Trial) -> Verdict {
    let mut chat = Chat::begin(trial, Ends::Newline, 0)?;
    let msg = trial.sentence();
    chat.types(&msg);
    chat.sends_nothing("the name, and nothing else before the roster")?;
    chat.users.insert(chat.names[0].clone(), chat.own_address());
    chat.send_roster();
    chat.server.read(msg.len(), &chat.client);
    let failure = chat.failure(format!("then {} at the server", quote(msg.as_bytes())));
    same(failure, msg.as_bytes(), &chat.server.bytes)
}

fn glued(trial: &Trial) -> Verdict {
    for ends in [Ends::Newline, Ends::Nothing] {
        let mut chat = Chat::join(trial, ends, 0)?;
        let [_, second, third] = chat.names.clone();
        let [first, then] = [&second, &third].map(|name| format!("{name}: {} ", trial.sentence()));
        chat.users.remove(&second);
        let (roster, end) = (chat.roster(), chat.end());
        // Two texts without newlines between them nobody can tell apart.
        let (all, texts) = match ends {
            // Nor is a text a roster because one stands in it.
            Ends::Newline => {
                let forged = format!("{third}: !{{\"{third}\": \"0.0.0.0\"}} ");
                let all = format!("{first}{end}{forged}{end}{roster}{roster}{then}{end}");
                (all, vec![first, forged, then])
            }
            Ends::Nothing => (format!("{first}{roster}{roster}{then}"), vec![first, then]),
        };
        chat.sends(all.as_bytes());
        for text in texts {
            chat.prints_message(&text)?;
        }
        chat.lists(Some(&second))?;
    }
    Ok(())
}

fn pieces(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 0)?;
    let [_, second, third] = chat.names.clone();
    let text = format!("{third}: caf\u{e9} ");
    chat.users.remove(&second);
    let all = format!("{text}\n{}", chat.roster());
    chat.act(format!("the server sent {} byte by byte", quote(all.as_bytes())));
    for byte in all.bytes() {
        chat.server.send(&[byte]);
        if !chat.server.is_read(&chat.client) {
            break; // what is printed shows it
        }
    }
    chat.prints_message(&text)?;
    chat.lists(Some(&second))?;
    // Without newlines a text may become two. A character may not.
    let mut chat = Chat::join(trial, Ends::Nothing, 0)?;
    let text = format!("{third}: caf\u{e9} \u{e9} ");
    let (begin, rest) = text.as_bytes().split_at(third.len() + 6);
    chat.sends(begin);
    let printed = chat.printed;
    chat.sends(rest);
    chat.printed = printed;
    let both = || (chat.shown().matches('\u{e9}').count() == 2).then_some(());
    let Err(event) = chat.client.until(both) else { return Ok(()) };
    Err(chat.instead(chat.failure("on the screen both letters \u{e9}"), &event).into())
}

fn crowd(trial: &Trial) -> Verdict {
    for ends in [Ends::Newline, Ends::Nothing] {
        let mut chat = Chat::join(trial, ends, 0)?;
        let user = |number: u8, block: u8| {
            (format!("user{block}x{number}"), Ipv4Addr::new(127, 0, block, number))
        };
        chat.users = (1..=250).flat_map(|number| [user(number, 1), user(number, 2)]).collect();
        chat.send_roster();
        chat.lists(None)?;
        chat.hears(&format!("user1x1: {} ", trial.sentence()))?;
    }
    Ok(())
}

fn gone(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 0)?;
    chat.act("the server closed the connection".to_owned());
    chat.server.answer(b"");
    must_end(&chat.client, &chat.did)?;
    let said = chat.shown() + &chat.client.stderr.text();
    if said.contains("server") {
        return Ok(());
    }
    let failure = chat.failure("a word that the server has closed the connection");
    Err(failure.received(quote(said.as_bytes())).into())
}

fn leaves(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 0)?;
    chat.act("its input ended".to_owned());
    chat.client.end_input();
    if let Some(End::Open(event)) = chat.server.read(usize::MAX, &chat.client) {
        let failure = chat.failure("the end of the connection");
        return Err(chat.instead(failure, &event).into());
    }
    must_end(&chat.client, &chat.did)
}
