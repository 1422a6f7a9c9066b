//! A chat client under check, with the server and the other users that the check plays.
#![expect(
    clippy::indexing_slicing,
    reason = "guests, users and names are the check's own; roster.rs reads what servers send"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use crate::checks::common::{ELSEWHERE, ZEROS};
use crate::os::program::{Event, said};
use crate::os::sockets::{self, Socket, Transport};
use crate::text::bytes::quote;
use crate::trial::{CLIENT, Failure, Started, Stop, Trial, Verdict};
use crate::wire::peers::{Accepted, End, TcpServer, UdpServer, same};

pub(in crate::checks) const ONLY_LOOKED_AT: &str =
    "what has come is only looked at, and never taken from the socket: it comes again and again";

pub(in crate::checks) const PROMPT: &str = "First enter your name to register it in the server: ";
/// Where two other users are, and where a datagram for the server's host would arrive.
pub(in crate::checks) const HOSTS: [Ipv4Addr; 3] =
    [Ipv4Addr::new(127, 0, 0, 12), Ipv4Addr::new(127, 0, 0, 13), Ipv4Addr::LOCALHOST];

/// What the server's messages end in. One in Python ends them in nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::checks) enum Ends {
    Newline,
    Nothing,
}

/// A client in the chat that the check plays.
pub(in crate::checks) struct Chat<'t> {
    pub(in crate::checks) client: Started<'t>,
    pub(in crate::checks) listener: TcpServer,
    pub(in crate::checks) server: Accepted,
    /// The UDP sockets at the HOSTS, where a check needs them.
    pub(in crate::checks) hosts: Vec<UdpServer>,
    pub(in crate::checks) ends: Ends,
    /// The client's name, and those of the users at the first two HOSTS.
    pub(in crate::checks) names: [String; 3],
    /// The roster.
    pub(in crate::checks) users: BTreeMap<String, Ipv4Addr>,
    /// What was done up to now, as a report says it.
    pub(in crate::checks) did: String,
    /// How much was printed before that was done.
    pub(in crate::checks) printed: usize,
}

/// A text between quotes, as it is read on a screen; only what is very long is cut.
pub(in crate::checks) fn whole(bytes: &[u8]) -> String {
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
pub(in crate::checks) fn names(trial: &Trial) -> [String; 3] {
    ["ann", "bob", "cid"].map(|name| name.to_owned() + &String::from_utf8_lossy(&trial.letters(3)))
}

/// Starts a client, before a person's screen, and types its name.
pub(in crate::checks) fn typed<'t>(
    trial: &'t Trial,
    server: SocketAddrV4,
    name: &str,
) -> Result<(Started<'t>, String), Stop> {
    let client = trial.client_on_a_terminal(server, &[])?;
    client.type_line(name.as_bytes());
    let did = format!("typed {} into `{}`", quote(name.as_bytes()), client.command_line);
    Ok((client, did))
}

/// The same, with the server at this port of this host.
pub(in crate::checks) fn typed_here<'t>(
    trial: &'t Trial,
    port: u16,
    name: &str,
) -> Result<(Started<'t>, String), Stop> {
    typed(trial, SocketAddrV4::new(Ipv4Addr::LOCALHOST, port), name)
}

/// Waits for the connection of a client that was started.
pub(in crate::checks) fn accept(
    listener: &TcpServer,
    client: &Started,
    did: &str,
) -> Result<Accepted, Stop> {
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
pub(in crate::checks) fn udp_socket(client: &Started) -> Result<Socket, Event> {
    let is_udp = |socket: &Socket| socket.transport == Transport::Udp;
    client.until(|| sockets::of(&client.processes()).into_iter().find(is_udp))
}

impl<'t> Chat<'t> {
    /// A client that has sent its name.
    pub(in crate::checks) fn begin(
        trial: &'t Trial,
        ends: Ends,
        hosts: usize,
    ) -> Result<Chat<'t>, Stop> {
        let (listener, hosts) = TcpServer::beside(trial, &HOSTS[..hosts])?;
        let names = names(trial);
        let (client, did) = typed_here(trial, listener.port, &names[0])?;
        let mut server = accept(&listener, &client, &did)?;
        server.read(names[0].len(), &client); // what exactly is another check's business
        client.settle();
        server.catch_up();
        server.bytes.clear();
        let users = BTreeMap::new();
        Ok(Chat { client, listener, server, hosts, ends, names, users, did, printed: 0 })
    }

    /// A client that has had its first roster, with three users in it.
    pub(in crate::checks) fn join(
        trial: &'t Trial,
        ends: Ends,
        hosts: usize,
    ) -> Result<Chat<'t>, Stop> {
        let mut chat = Chat::begin(trial, ends, hosts)?;
        let [me, second, third] = chat.names.clone();
        let own = chat.own_address();
        chat.users = [(me, own), (second, HOSTS[0]), (third, HOSTS[1])].into();
        chat.send_roster();
        Ok(chat)
    }

    /// Where the client's UDP socket is, or has to be.
    pub(in crate::checks) fn own_address(&self) -> Ipv4Addr {
        if !self.client.trial().target.client_is_fixed() {
            return CLIENT;
        }
        match udp_socket(&self.client).map(|socket| socket.local.ip()) {
            Ok(std::net::IpAddr::V4(ip)) => ip,
            _ => Ipv4Addr::LOCALHOST, // another check says that there is none
        }
    }

    /// Where a datagram reaches it: its port is another check's business.
    pub(in crate::checks) fn own_socket(&self) -> SocketAddr {
        let wanted = SocketAddr::from((self.own_address(), self.listener.port));
        let open = sockets::of(&self.client.processes());
        let mut open = open.iter().filter(|socket| socket.transport == Transport::Udp);
        let is_there = |socket: &&Socket| {
            socket.local.port() == wanted.port()
                && (socket.everywhere() || socket.local.ip() == wanted.ip())
        };
        match open.clone().find(is_there).or_else(|| open.next()) {
            Some(socket) if socket.everywhere() => (wanted.ip(), socket.local.port()).into(),
            Some(socket) => socket.local,
            None => wanted,
        }
    }

    pub(in crate::checks) fn act(&mut self, what: String) {
        self.did += &format!("; {what}");
        self.printed = self.client.stdout.bytes().len();
    }

    pub(in crate::checks) fn types(&mut self, line: &str) {
        self.act(format!("typed {}", whole(line.as_bytes())));
        self.client.type_line(line.as_bytes());
    }

    /// The roster, as a server writes it.
    pub(in crate::checks) fn roster(&self) -> String {
        let entry = |(name, ip): (&String, &Ipv4Addr)| format!("\"{name}\": \"{ip}\"");
        let entries: Vec<String> = self.users.iter().map(entry).collect();
        format!("!{{{}}}{}", entries.join(", "), self.end())
    }

    pub(in crate::checks) fn end(&self) -> &'static str {
        if self.ends == Ends::Newline { "\n" } else { "" }
    }

    /// The server sends this, and the client takes it in.
    pub(in crate::checks) fn sends(&mut self, bytes: &[u8]) {
        self.act(format!("the server sent {}", whole(bytes)));
        self.server.send(bytes);
        self.server.is_taken(&self.client); // if not, what it does next shows it
    }

    pub(in crate::checks) fn send_roster(&mut self) {
        self.sends(self.roster().as_bytes());
    }

    /// What was printed since something was done.
    pub(in crate::checks) fn shown(&self) -> String {
        let printed = self.client.stdout.bytes();
        let text = String::from_utf8_lossy(printed.get(self.printed..).unwrap_or_default());
        anstream::adapter::strip_str(&text).to_string()
    }

    pub(in crate::checks) fn failure(&self, expected: impl Into<String>) -> Failure {
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
    pub(in crate::checks) fn instead(&self, failure: Failure, event: &Event) -> Failure {
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

    /// Demands all of these texts on the screen, the first of them once, in whatever words around them.
    pub(in crate::checks) fn shows(&self, texts: &[&str]) -> Verdict {
        let expected = |times: &str| {
            let texts: Vec<String> = texts.iter().map(|text| whole(text.as_bytes())).collect();
            self.failure(format!("on the screen {}{times}", texts.join(" and ")))
        };
        let there = || {
            let shown = self.shown();
            texts.iter().all(|text| shown.contains(text)).then_some(())
        };
        if let Err(event) = self.client.until(there) {
            return Err(self.instead(expected(""), &event).into());
        }
        self.client.settle();
        if self.client.stdout.text().contains('\0') {
            return Err(expected("").received("more than that").cause(ZEROS).into());
        }
        if self.shown().matches(texts[0]).count() == 1 {
            return Ok(());
        }
        let failure = expected(", once").received("it is printed again and again");
        Err(failure.cause(ONLY_LOOKED_AT).into())
    }

    /// The server sends a message, and the client prints it.
    pub(in crate::checks) fn hears(&mut self, msg: &str) -> Verdict {
        self.sends(format!("{msg}{}", self.end()).as_bytes());
        self.prints_message(msg)
    }

    pub(in crate::checks) fn prints_message(&self, msg: &str) -> Verdict {
        self.shows(&[msg.trim_end()])
    }

    /// A datagram is shown with the name of its sender and with no other's; without a name where it
    /// has none.
    pub(in crate::checks) fn shows_datagram(&self, msg: &str, sender: Option<&str>) -> Verdict {
        match sender {
            Some(name) => self.shows(&[msg.trim(), name])?,
            None => self.shows(&[msg.trim()])?,
        }
        let shown = self.shown();
        let others = self.names.iter().filter(|name| Some(name.as_str()) != sender);
        match others.into_iter().find(|name| shown.contains(name.as_str())) {
            None => Ok(()),
            Some(other) => {
                let who = sender.map_or("no name".to_owned(), |name| format!("the name {name}"));
                let failure = self.failure(format!("that message with {who} and no other"));
                Err(failure.received(format!("the name {other} beside it")).into())
            }
        }
    }

    /// Where this text has come to the screen, this sentence has, too.
    pub(in crate::checks) fn says_as_well(&self, text: &str, sentence: &str) -> Verdict {
        let there = || self.shown().contains(text).then_some(());
        if self.client.until(there).is_err() {
            return Ok(());
        }
        self.client.settle();
        match self.shown().contains(sentence) {
            true => Ok(()),
            false => {
                let failure = self.failure(format!("on the screen {}", whole(sentence.as_bytes())));
                Err(self.instead(failure, &Event::Idle).into())
            }
        }
    }

    /// What the screen shows behind the last line, where the next one is typed.
    pub(in crate::checks) fn prompt(&self) -> String {
        self.client.settle();
        let text = self.client.stdout.text();
        text.rsplit('\n').next().unwrap_or_default().to_owned()
    }

    /// `#ls` prints the roster, and does not have this user.
    pub(in crate::checks) fn lists(&mut self, gone: Option<&str>) -> Verdict {
        self.types("#ls");
        let all = || Some(self.shown()).filter(|shown| self.has_all_users(shown));
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

    /// However it is written: of all names and addresses in it, each name stands beside its own, in
    /// front of it or behind it.
    fn has_all_users(&self, shown: &str) -> bool {
        let users: BTreeSet<(String, String)> =
            self.users.iter().map(|(name, ip)| (name.clone(), ip.to_string())).collect();
        let known: BTreeSet<&str> =
            users.iter().flat_map(|(name, ip)| [name.as_str(), ip.as_str()]).collect();
        let is_between = |c: char| !c.is_alphanumeric() && c != '.';
        let words = shown.split(is_between).map(|word| word.trim_end_matches('.'));
        let words: Vec<&str> = words.filter(|word| known.contains(word)).collect();
        let beside: BTreeSet<(&str, &str)> =
            words.windows(2).map(|pair| (pair[0], pair[1])).collect();
        let in_front = users.iter().all(|(name, ip)| beside.contains(&(name, ip)));
        in_front || users.iter().all(|(name, ip)| beside.contains(&(ip, name)))
    }

    /// A line that is typed arrives at the server as it is.
    pub(in crate::checks) fn says(&mut self, line: &str) -> Verdict {
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
    pub(in crate::checks) fn says_directly(
        &mut self,
        msg: &str,
    ) -> Result<(Vec<u8>, SocketAddr), Stop> {
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
            Err(event) => {
                let failure = failure.received("no datagram there").silence();
                Err(self.instead(failure, &event).into())
            }
        }
    }

    /// Nothing has gone to anybody without being asked for.
    pub(in crate::checks) fn sends_nothing(&mut self, expected: &str) -> Verdict {
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

impl Chat<'_> {
    /// One of the HOSTS sends the client a datagram.
    pub(in crate::checks) fn is_sent(&mut self, host: usize, msg: &str) -> Verdict {
        let to = self.own_socket();
        self.act(format!("{} sent the datagram {} to {to}", HOSTS[host], whole(msg.as_bytes())));
        self.hosts[host].send(msg.as_bytes(), to)
    }
}
