//! The chat: our programs with the Python twins in one room, and with peers of every temper.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::{PATIENCE, Running, Server, own_address, solution, start, twin, until};
use serde_json::Deserializer;
use socket2::SockRef;

type Users = BTreeMap<String, String>;

const NAME_PROMPT: &str = "First enter your name to register it in the server: ";
const BANNER: &str = " Connection Established!
    Now you can enter '#ls' to list active users,
    '@<user1>: msg' send msg to a specific user,
    or just write your msg  to send  to all users
    *************************************************
";

/// A connection to a chat server without a client program around it.
struct Guest {
    stream: TcpStream,
    /// What has come, and how much of that was looked at.
    bytes: Vec<u8>,
    seen: usize,
}

impl Guest {
    fn join(server: SocketAddr, name: &str) -> Guest {
        let mut stream = TcpStream::connect(server).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
        stream.set_nodelay(true).expect("it is TCP");
        stream.write_all(name.as_bytes()).expect("the server reads");
        Guest { stream, bytes: Vec::new(), seen: 0 }
    }

    fn say(&mut self, message: impl AsRef<[u8]>) {
        self.stream.write_all(message.as_ref()).expect("the server reads");
    }

    /// Reads until this has come, and drops everything up to there.
    #[track_caller]
    fn hears(&mut self, text: &str) -> String {
        loop {
            let bytes = &self.bytes[self.seen..];
            let found = bytes.windows(text.len()).position(|part| part == text.as_bytes());
            if let Some(start) = found {
                let before = String::from_utf8_lossy(&bytes[..start]).into_owned();
                self.seen += start + text.len();
                return before;
            }
            self.bytes.drain(..self.seen);
            self.seen = 0;
            let mut piece = [0; 65_536];
            let length = self.stream.read(&mut piece).unwrap_or(0);
            let last = &self.bytes[self.bytes.len().saturating_sub(200)..];
            assert!(length > 0, "{text:?} has not come, but {:?}", String::from_utf8_lossy(last));
            self.bytes.extend_from_slice(&piece[..length]);
        }
    }

    /// Reads until a roster has these names.
    #[track_caller]
    fn sees(&mut self, names: &[&str]) -> Users {
        let start = Instant::now();
        loop {
            self.hears("!");
            self.hears("{");
            let body = self.hears("}");
            let roster = format!("{{{body}}}");
            let mut rosters = Deserializer::from_str(&roster).into_iter::<Users>();
            let users = rosters.next().expect("a roster").expect("JSON");
            if users.keys().map(String::as_str).eq(names.iter().copied()) {
                return users;
            }
            assert!(start.elapsed() < PATIENCE, "{names:?} are expected, not {users:?}");
        }
    }

    fn rest(mut self) -> String {
        let mut bytes = self.bytes.split_off(self.seen);
        let _ = self.stream.read_to_end(&mut bytes); // a reset is an end, too
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// A server of ours, and the twin if there is Python.
fn servers() -> Vec<Server> {
    let twin = twin("chatserver").map(|command| Server::at(own_address(), command));
    twin.into_iter().chain([Server::at(own_address(), solution("chatserver"))]).collect()
}

/// An address for a client besides others on this host.
fn client_ip() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(11);
    let host = NEXT.fetch_add(1, Ordering::Relaxed) * 0x1_0000 + std::process::id() % 0x1_0000;
    Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 0, 0, 0)) + host).to_string()
}

/// A client program that has entered its name.
fn chatter(mut command: Command, server: SocketAddr, client_ip: &str, name: &str) -> Running {
    command.args([&server.ip().to_string(), client_ip, &server.port().to_string()]);
    let mut running = Running::start(command.env("PYTHONUNBUFFERED", "1"));
    running.types(format!("{name}\n"));
    running
}

#[track_caller]
fn shows(client: &Running, text: &str) {
    until(text, || client.stdout().contains(text).then_some(()));
}

// ---- Together with the Python ----

#[test]
fn our_clients_and_the_python_s_talk_in_our_room_and_in_the_python_s() {
    for server in servers() {
        let address = server.address;
        let mut host = Guest::join(address, "host");
        host.sees(&["host"]);
        let names = ["b\u{f8}b", "\u{3b1}nn", "zo\u{eb}"];
        let mut clients = Vec::new();
        for (count, name) in (1..).zip(names) {
            let command = match count {
                3 => twin("chatclient").unwrap_or_else(|| solution("chatclient")),
                _ => solution("chatclient"),
            };
            clients.push(chatter(command, address, &client_ip(), name));
            let mut there = [&["host"], &names[..count]].concat();
            there.sort_unstable();
            host.sees(&there);
            // The Python loses a roster that another message is glued to: one after the other.
            for client in &mut clients {
                until("the roster", || {
                    client.types("#ls\n");
                    client.stdout().contains(name).then_some(())
                });
            }
        }
        for speaker in 0..clients.len() {
            let message = format!("hei fra {speaker}, \u{e6}\u{f8}\u{e5}");
            clients[speaker].types(format!("{message}\n"));
            let heard = format!("{}: {message} ", names[speaker]);
            host.hears(&heard);
            for other in (0..clients.len()).filter(|other| *other != speaker) {
                shows(&clients[other], &format!("incoming msg from chatserver ({heard}"));
            }
            let own = format!("incoming msg from chatserver ({heard}");
            assert!(!clients[speaker].stdout().contains(&own), "it hears itself");
        }
        host.say("to all");
        for client in &mut clients {
            shows(client, "incoming msg from chatserver (host: to all ");
            client.types("@nobody: hello\n");
            shows(client, "nobody is not registered");
        }
        let ended = clients.swap_remove(0).end();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        host.sees(&["host", "zo\u{eb}", "\u{3b1}nn"]);
    }
}

#[test]
fn the_rosters_of_both_servers_are_the_same_json() {
    let rosters: Vec<Users> = servers()
        .iter()
        .map(|server| {
            let mut first = Guest::join(server.address, "a\"b\\c\u{e9}");
            first.sees(&["a\"b\\c\u{e9}"]);
            let _second = Guest::join(server.address, "\u{1f600}");
            first.sees(&["a\"b\\c\u{e9}", "\u{1f600}"])
        })
        .collect();
    assert!(rosters.iter().all(|roster| *roster == rosters[0]), "{rosters:?}");
}

// ---- chatserver ----

fn chatserver() -> Server {
    Server::at(own_address(), solution("chatserver"))
}

#[test]
fn chatserver_refuses_what_cannot_be_a_name() {
    let server = chatserver();
    let mut host = Guest::join(server.address, "host");
    host.sees(&["host"]);
    let long = "\u{e9}".repeat(17);
    for name in ["host", " host\n", "\n", &long, "!x", "a:b", "a b", "a\u{1}", "a\nb", "a\u{85}b"] {
        let said = Guest::join(server.address, name).rest();
        assert!(said.starts_with("Your name is refused: "), "{name:?}: {said:?}");
        assert_eq!(said.lines().count(), 1, "{said:?}");
    }
    let mut bytes = Guest::join(server.address, "");
    bytes.say(b"\xff\xfe");
    assert!(bytes.rest().starts_with("Your name is refused: "));
    drop(Guest::join(server.address, "")); // left without a name
    let longest = "x".repeat(32);
    let mut trimmed = Guest::join(server.address, &format!(" {longest}\r\n"));
    trimmed.sees(&["host", &longest]);
    let before = host.hears(&longest);
    assert_eq!(before, "\n!{\"host\":\"127.0.0.1\",\"", "no roster in between");
}

#[test]
fn chatserver_lets_nobody_forge_a_roster() {
    let server = chatserver();
    let mut host = Guest::join(server.address, "host");
    let mut liar = Guest::join(server.address, "liar");
    host.sees(&["host", "liar"]);
    liar.say("hello\n!{\"host\": \"10.6.6.6\"}\n");
    host.hears("\nliar: hello !{\"host\": \"10.6.6.6\"}  \n");
}

#[test]
fn chatserver_puts_a_cut_character_together() {
    let server = chatserver();
    let mut host = Guest::join(server.address, "host");
    let mut speaker = Guest::join(server.address, "speaker");
    host.sees(&["host", "speaker"]);
    for byte in "\u{1f600}".as_bytes() {
        speaker.say([*byte]);
        thread::sleep(Duration::from_millis(20)); // most likely read one by one
    }
    host.hears("speaker: \u{1f600} \n");
    speaker.say(b"\xff!");
    host.hears("speaker: \u{fffd}! \n");
}

#[test]
fn chatserver_lets_others_in_while_one_sends_no_name() {
    let server = chatserver();
    let _silent: Vec<Guest> = (0..20).map(|_| Guest::join(server.address, "")).collect();
    Guest::join(server.address, "host").sees(&["host"]);
}

#[test]
fn chatserver_sends_at_most_one_roster_for_each_change_and_none_is_older_than_the_last() {
    const COMERS: usize = 100;
    let server = chatserver();
    let mut host = Guest::join(server.address, "host");
    host.sees(&["host"]);
    let comers: Vec<Guest> =
        (0..COMERS).map(|number| Guest::join(server.address, &format!("n{number}"))).collect();
    let (mut rosters, mut last) = (0, 0);
    while last < COMERS + 1 {
        host.hears("!{");
        let there = host.hears("}").matches(':').count();
        assert!(there >= last, "{there} users in a roster, and {last} in the one before");
        (rosters, last) = (rosters + 1, there);
    }
    assert!(rosters <= COMERS, "{rosters} rosters for {COMERS} changes");
    drop(comers);
    host.sees(&["host"]);
}

#[test]
fn chatserver_goes_on_when_it_has_run_out_of_descriptors() {
    let mut command = Command::new("sh");
    let program = solution("chatserver");
    let few = "ulimit -n 20 && exec \"$0\" \"$@\"";
    command.args(["-c", few]).arg(program.get_program());
    let server = Server::at(own_address(), command);
    let crowd: Vec<Guest> = (0..30).map(|_| Guest::join(server.address, "")).collect();
    server.running.complains("cannot serve one more client now");
    drop(crowd);
    Guest::join(server.address, "host").sees(&["host"]);
}

#[test]
fn chatserver_cuts_off_who_does_not_read_and_nobody_else_waits_long() {
    const MESSAGES: usize = 10_000;
    let server = chatserver();
    let mut listener = Guest::join(server.address, "listener");
    let stalled = TcpStream::connect(server.address).expect("it listens");
    (&stalled).write_all(b"stalled").expect("the server reads");
    let mut speaker = Guest::join(server.address, "speaker");
    listener.sees(&["listener", "speaker", "stalled"]);
    let filler = "z".repeat(1000);
    let all: String = (0..MESSAGES).map(|number| format!("<{number} {filler}>")).collect();
    let mut longest = Duration::ZERO;
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..MESSAGES {
                speaker.say(format!("<{number} {filler}>"));
            }
            speaker.sees(&["listener", "speaker"]);
        });
        // One message may have come to the server in two pieces, and two in one.
        let mut heard = String::new();
        while heard.len() < all.len() {
            let start = Instant::now();
            let line = listener.hears("\n");
            longest = longest.max(start.elapsed());
            if let Some(text) = line.strip_prefix("speaker: ") {
                heard.push_str(text.strip_suffix(' ').expect("it ends in a space"));
            }
        }
        assert!(heard == all, "not all messages, or in another order");
    });
    assert!(longest < Duration::from_millis(2500), "a message waited {longest:?}"); // 1 s, and load
    server.running.complains("stalled: cut off");
}

/// 50 threads come, talk, reset and leave, and nothing of them is left behind.
#[test]
fn chatserver_has_nothing_left_over_after_10_000_steps_of_its_guests() {
    const THREADS: u64 = 50;
    const VISITS: u64 = 80; // of two or three steps each
    let server = chatserver();
    let mut host = Guest::join(server.address, "host");
    host.sees(&["host"]);
    let pid = server.running.pid();
    let threads = || {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
        let line = status.lines().find(|line| line.starts_with("Threads:")).expect("it has some");
        line.split_whitespace().nth(1).expect("a number").parse::<usize>().expect("a number")
    };
    let descriptors = || fs::read_dir(format!("/proc/{pid}/fd")).expect("it runs").count();
    let before = (threads(), descriptors());
    let visits = |number: u64| {
        let mut random = fastrand::Rng::with_seed(number);
        for visit in 0..VISITS {
            let mut guest = Guest::join(server.address, &format!("n{number}v{visit}"));
            if random.bool() {
                guest.hears("!{"); // else it leaves at once
                guest.say("hello");
            }
            if random.bool() {
                let linger = Some(Duration::ZERO);
                SockRef::from(&guest.stream).set_linger(linger).expect("TCP can");
            }
        }
    };
    let mut host = thread::scope(|scope| {
        let host = scope.spawn(|| {
            host.sees(&["host", "last"]);
            host
        });
        let visitors: Vec<_> = (0..THREADS)
            .map(|number| {
                scope.spawn({
                    let visits = &visits;
                    move || visits(number)
                })
            })
            .collect();
        for visitor in visitors {
            visitor.join().expect("a visitor does not panic");
        }
        let _last = Guest::join(server.address, "last");
        host.join().expect("the host sees the last one")
    });
    host.sees(&["host"]);
    until("threads and descriptors as before", || {
        // Fewer, if a thread that has printed a line was still there before.
        (threads() <= before.0 && descriptors() <= before.1).then_some(())
    });
    assert!(!server.running.stderr().contains("panicked"), "{}", server.running.stderr());
}

// ---- chatclient ----

/// A client program whose server is the test.
struct Played {
    client: Running,
    stream: TcpStream,
    port: u16,
}

fn played(client_ip: &str) -> Played {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let client = chatter(solution("chatclient"), address, client_ip, "ann");
    let (mut stream, _) = listener.accept().expect("the client connects");
    stream.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
    stream.set_nodelay(true).expect("it is TCP");
    let mut name = [0; 3];
    stream.read_exact(&mut name).expect("the client sends its name");
    assert_eq!(&name, b"ann");
    Played { client, stream, port: address.port() }
}

impl Played {
    /// Sends a piece of the server's, and lets the client read it by itself.
    fn send(&mut self, piece: impl AsRef<[u8]>) {
        self.stream.write_all(piece.as_ref()).expect("the client reads");
        let own = self.stream.local_addr().expect("it is connected");
        until("that the client has read it", || {
            let all = lab::sockets::all();
            let client = all.iter().find(|socket| socket.remote == own)?;
            (client.unread == 0).then_some(())
        });
    }

    /// All that was printed between the banner and the end, without prompts.
    fn printed(self) -> String {
        drop(self.stream);
        shows(&self.client, "The chat server has closed the connection\n");
        let ended = self.client.end();
        assert_eq!(ended.code, Some(0));
        let said = ended.stdout.strip_prefix(&format!("{NAME_PROMPT}{BANNER}"));
        let said = said.expect("prompt and banner").replace('>', "");
        let said = said.strip_suffix("\nThe chat server has closed the connection\n");
        said.expect("it says that the server has gone").to_owned()
    }
}

const ROSTER: &str = "!{\"ann\": \"127.0.0.1\", \"b\u{f8}b\": \"127.0.0.12\"}";

#[test]
fn chatclient_finds_messages_however_they_arrive() {
    let told = |texts: &[&str]| -> String {
        texts.iter().map(|text| format!("incoming msg from chatserver ({text})\n")).collect()
    };
    let with_lines =
        format!("{ROSTER}\nb\u{f8}b: one \nb\u{f8}b: two \n{ROSTER}\nb\u{f8}b: !three \n");
    let expected = told(&["b\u{f8}b: one ", "b\u{f8}b: two ", "b\u{f8}b: !three "]);
    for size in [1, 7, 40, 1000] {
        let mut played = played(&client_ip());
        for piece in with_lines.as_bytes().chunks(size) {
            played.stream.write_all(piece).expect("the client reads");
            if size > 1 {
                thread::sleep(Duration::from_millis(5));
            }
        }
        played.send("");
        let client = &played.client;
        shows(client, "!three");
        assert_eq!(played.printed(), expected, "in pieces of {size} bytes");
    }
    // A server that ends its messages in nothing, as the Python does.
    let mut played = played(&client_ip());
    played.send(format!("b\u{f8}b: early {ROSTER}"));
    played.send(format!("b\u{f8}b: m1 {ROSTER}b\u{f8}b: m2 "));
    let (first, second) = ROSTER.split_at(30);
    played.send(format!("b\u{f8}b: m3 {first}"));
    played.send(second);
    played.send("b\u{f8}b: hello\n ");
    let expected = ["early", "m1", "m2", "m3", "hello\n"].map(|text| match text {
        "hello\n" => "b\u{f8}b: hello\n ".to_owned(),
        _ => format!("b\u{f8}b: {text} "),
    });
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    assert_eq!(played.printed(), told(&expected));
}

#[test]
fn chatclient_takes_a_roster_of_500_users_with_and_without_a_newline() {
    for end in ["", "\n"] {
        let mut played = played(&client_ip());
        let users: Users =
            (0..500).map(|number| (format!("user{number:03}"), "10.0.0.1".to_owned())).collect();
        played.send(format!("!{}{end}", serde_json::to_string(&users).expect("JSON")));
        played.client.types("#ls\n");
        shows(&played.client, "user499");
        assert!(played.client.stdout().contains("user000"));
    }
}

#[test]
fn chatclient_waits_for_the_first_roster_before_it_sends() {
    let mut played = played(&client_ip());
    played.client.types("hello\n");
    played.stream.set_nonblocking(true).expect("sockets can");
    thread::sleep(Duration::from_millis(200));
    assert!(played.stream.read(&mut [0]).is_err(), "name and message could be glued");
    played.stream.set_nonblocking(false).expect("sockets can");
    played.send(ROSTER);
    let mut message = [0; 5];
    played.stream.read_exact(&mut message).expect("it is sent now");
    assert_eq!(&message, b"hello");
}

#[test]
fn chatclient_talks_from_peer_to_peer() {
    let ips = [client_ip(), client_ip(), client_ip()];
    let mut ann = played(&ips[0]);
    let port = ann.port;
    let [bob, stranger] =
        [1, 2].map(|peer: usize| UdpSocket::bind((ips[peer].as_str(), port)).expect("it is free"));
    bob.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
    ann.send(format!("!{{\"ann\": \"{}\", \"b\u{f8}b\": \"{}\"}}\n", ips[0], ips[1]));
    ann.client.types("@b\u{f8}b : caf\u{e9}: yes\n@cid: hello\n");
    let mut buffer = [0; 100];
    let (length, from) = bob.recv_from(&mut buffer).expect("a datagram");
    assert_eq!(&buffer[..length], " caf\u{e9}: yes".as_bytes());
    assert_eq!(from, SocketAddr::new(ips[0].parse().expect("an address"), port));
    shows(&ann.client, "cid is not registered\n");
    bob.send_to(b" back \xff", from).expect("loopback takes it");
    shows(&ann.client, "Incoming msg (P2P) from b\u{f8}b: back \u{fffd}\n");
    stranger.send_to(b" hello", from).expect("loopback takes it");
    shows(&ann.client, "Incoming msg (P2P) from Non-registered: hello\n");
    ann.send("!{\"ann\": \"127.0.0.1\", \"bob\": \"127.0.0.1\"}\n");
    ann.client.types("@bob: hello\n");
    ann.client.complains("bob: several users have this address");
}

#[test]
fn chatclient_keeps_a_roster_with_an_entry_that_is_no_address() {
    let ips = [client_ip(), client_ip()];
    let mut ann = played(&ips[0]);
    let bob = UdpSocket::bind((ips[1].as_str(), ann.port)).expect("it is free");
    bob.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
    ann.send(format!("!{{\"bob\": \"{}\", \"cid\": 7, \"dee\": \"nowhere\"}}\n", ips[1]));
    ann.client.types("#ls\n@cid: hello\n@dee: hello\n@bob: hello\n");
    let mut buffer = [0; 100];
    let (length, from) = bob.recv_from(&mut buffer).expect("a datagram");
    assert_eq!(&buffer[..length], b" hello");
    shows(&ann.client, &format!("{{\"bob\":\"{}\",\"cid\":7,\"dee\":\"nowhere\"}}\n", ips[1]));
    ann.client.complains("chatclient: cid: the server says 7, and that is no IP address");
    ann.client.complains("dee: the server says \"nowhere\", and that is no IP address");
    bob.send_to(b" back", from).expect("loopback takes it");
    shows(&ann.client, "Incoming msg (P2P) from bob: back\n");
    assert_eq!(ann.printed().matches("incoming").count(), 0, "the roster is no message");
}

#[test]
fn chatclient_leaves_at_the_end_of_its_input_and_at_ctrl_c() {
    for interrupted in [false, true] {
        let mut played = played(&client_ip());
        played.send(ROSTER);
        match interrupted {
            true => played.client.interrupt(),
            false => played.client.input_ends(),
        }
        let mut rest = Vec::new();
        let _ = played.stream.read_to_end(&mut rest); // the end, or a reset
        assert_eq!(rest, b"");
        assert_eq!(played.client.end().code, Some(0));
    }
    let nobody = start("chatclient", &["127.0.0.1", &client_ip(), "1"]).end();
    assert_eq!(nobody.code, Some(1), "it connects before it asks");
}

#[test]
fn chatclient_says_what_is_wrong() {
    let address = own_address();
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    let ended = start("chatclient", &[&ip, &ip, &port]).end();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (Some(1), "could not connect to chat server...\n")
    );
    let refused = format!("chatclient: {ip}:{port}: connection refused: ");
    assert!(ended.stderr.starts_with(&refused), "{}", ended.stderr);

    let _taken = UdpSocket::bind(address).expect("it is free");
    let ended = start("chatclient", &[&ip, &ip, &port]).end();
    let in_use = "UDP address in use: on one host each client needs a CLIENT_IP of its own";
    assert!(ended.code == Some(1) && ended.stderr.contains(in_use), "{}", ended.stderr);

    let ended = start("chatclient", &["nowhere.invalid"]).end();
    let begin = "chatclient: nowhere.invalid:5000: ";
    assert!(ended.code == Some(1) && ended.stderr.starts_with(begin), "{}", ended.stderr);

    const USAGE: &str = "usage: chatclient [SERVER [CLIENT_IP [PORT]]]\n";
    for (arguments, cause) in [
        (&["a", "b", "c"][..], "\"c\" is not a port: a number from 0 to 65535 is expected"),
        (&["a", "b", "1", "d"], "only SERVER, CLIENT_IP and PORT are expected, not \"d\""),
        (&["--loud"], "there is no option \"--loud\""),
    ] {
        let ended = start("chatclient", arguments).end();
        let expected = format!("chatclient: {cause}\n{USAGE}");
        assert_eq!((ended.code, ended.stderr), (Some(2), expected));
    }
    let ended = start("chatclient", &["-h"]).end();
    assert!(ended.code == Some(0) && ended.stdout.starts_with(USAGE), "{}", ended.stdout);
}
