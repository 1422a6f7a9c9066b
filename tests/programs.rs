//! The programs of solutions/ against clients and servers of every temper.

mod common;

use std::ffi::OsStr;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::ffi::OsStrExt;
use std::process::Command;
use std::sync::Barrier;
use std::time::{Duration, Instant};
use std::{env, thread};

use common::{
    Ended, PASSWORD, PATIENCE, Running, Server, client, own_address, prompt, root, shows, skip,
    solution, start, twin, until, without_times, works,
};
use socket2::{Protocol, SockAddr, SockRef, Socket, Type};

const PROGRAMS: [&str; 13] = [
    "udpserver",
    "udpclient",
    "tcpserver",
    "tcpclient",
    "timeserver",
    "timeclient",
    "udpclient_rtt",
    "tcpclient_rtt",
    "webserver",
    "pingserver",
    "pingclient",
    "mailclient",
    "chatserver",
];
const SERVERS: [&str; 6] =
    ["udpserver", "tcpserver", "timeserver", "webserver", "pingserver", "chatserver"];
const UDP_CLIENTS: [&str; 2] = ["udpclient", "udpclient_rtt"];
const TCP_CLIENTS: [&str; 2] = ["tcpclient", "tcpclient_rtt"];

fn udp_socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    socket.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
    socket
}

/// Sends a datagram and gives back the answer to it.
#[track_caller]
fn ask(server: SocketAddr, datagram: &[u8]) -> Vec<u8> {
    let socket = udp_socket();
    socket.send_to(datagram, server).expect("loopback takes it");
    let mut buffer = vec![0; 65_536];
    let (length, from) = socket.recv_from(&mut buffer).expect("an answer");
    assert_eq!(from, server);
    buffer.truncate(length);
    buffer
}

fn connect(server: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(server).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
    stream
}

/// Reads to the end of a connection, which may also be a reset.
fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
        _ => bytes,
    }
}

/// A whole visit at a TCP server.
fn visit(server: SocketAddr, sentence: &[u8]) -> Vec<u8> {
    let mut stream = connect(server);
    stream.write_all(sentence).expect("the server reads");
    rest(&mut stream)
}

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    (listener, address)
}

// ---- udpserver ----

#[test]
fn udpserver_answers_datagrams_of_every_size() {
    let server = Server::start("udpserver");
    for size in [0, 1, 2048] {
        assert_eq!(ask(server.address, &vec![b'a'; size]), vec![b'A'; size]);
    }
    for too_long in [2049, 65_507] {
        assert_eq!(ask(server.address, &vec![b'a'; too_long]), vec![b'A'; 2048]);
    }
    assert_eq!(ask(server.address, b"and goes on"), b"AND GOES ON");
}

#[test]
fn udpserver_changes_nothing_but_a_to_z() {
    let server = Server::start("udpserver");
    for datagram in [&b"caf\xc3\xa9"[..], b"\xff\xfe\xc3(z", b"a\0b\0"] {
        assert_eq!(ask(server.address, datagram), datagram.to_ascii_uppercase());
    }
}

#[test]
fn udpserver_answers_200_clients_at_once() {
    let server = Server::start("udpserver");
    let clients: Vec<UdpSocket> = (0..200).map(|_| udp_socket()).collect();
    for (number, client) in clients.iter().enumerate() {
        client.send_to(format!("client {number}").as_bytes(), server.address).expect("sent");
    }
    for (number, client) in clients.iter().enumerate() {
        let mut buffer = [0; 100];
        let length = client.recv(&mut buffer).expect("an answer");
        assert_eq!(buffer[..length], *format!("CLIENT {number}").as_bytes());
    }
}

/// Only a raw socket can send from port 0, and only in a network of one's own is there one for
/// everybody: this test starts itself again inside of one.
#[test]
fn udpserver_outlives_a_reply_that_cannot_be_sent() {
    const INSIDE: &str = "SOCKET_LABS_TEST_INSIDE";
    const NAMESPACES: [&str; 3] = ["--user", "--map-root-user", "--net"];
    if env::var_os(INSIDE).is_none() {
        if !works("unshare", &[&NAMESPACES[..], &["true"]].concat()) {
            return skip("no private network can be made here");
        }
        solution("udpserver"); // built out here
        let mut again = Command::new("unshare");
        again.args(NAMESPACES).arg(env::current_exe().expect("it runs")).env(INSIDE, "1");
        let ended = Running::start(
            again.args(["--exact", "udpserver_outlives_a_reply_that_cannot_be_sent"]),
        )
        .end();
        assert_eq!(ended.code, Some(0), "{}", ended.stdout);
        assert!(ended.stdout.contains("1 passed"), "{}", ended.stdout);
        return;
    }
    lab::network::enter().expect("unshare has given the right to it");
    let server = Server::start("udpserver");
    let raw = Type::from(nix::libc::SOCK_RAW);
    let raw = Socket::new(socket2::Domain::IPV4, raw, Some(Protocol::UDP)).expect("root here");
    let port = server.address.port().to_be_bytes();
    let datagram = [0, 0, port[0], port[1], 0, 12, 0, 0, b'l', b'o', b's', b't'];
    let host = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    raw.send_to(&datagram, &SockAddr::from(host)).expect("loopback takes it");
    server.running.complains("127.0.0.1:0: ");
    assert_eq!(ask(server.address, b"next"), b"NEXT");
}

// ---- tcpserver ----

#[test]
fn tcpserver_answers_a_sentence_and_closes() {
    let server = Server::start("tcpserver");
    assert_eq!(visit(server.address, b"hello \xff\0 caf\xc3\xa9"), b"HELLO \xff\0 CAF\xc3\xa9");
}

#[test]
fn tcpserver_reads_1024_bytes_of_a_longer_sentence() {
    let server = Server::start("tcpserver");
    assert_eq!(visit(server.address, &[b'a'; 1024]), [b'A'; 1024]);
    assert_eq!(visit(server.address, &[b'a'; 3000]), [b'A'; 1024]);
    assert_eq!(visit(server.address, b"next"), b"NEXT");
}

#[test]
fn tcpserver_outlives_a_client_that_resets() {
    let server = Server::start("tcpserver");
    let mut first = connect(server.address);
    let resets = connect(server.address); // while the first is served
    SockRef::from(&resets).set_linger(Some(Duration::ZERO)).expect("TCP can");
    drop(resets);
    first.write_all(b"first").expect("the server reads");
    assert_eq!(rest(&mut first), b"FIRST");
    assert_eq!(visit(server.address, b"next"), b"NEXT");
    server.running.complains("reset");
}

#[test]
fn tcpserver_outlives_a_client_that_leaves_without_a_word() {
    let server = Server::start("tcpserver");
    assert_eq!(visit(server.address, b"first"), b"FIRST");
    drop(connect(server.address));
    assert_eq!(visit(server.address, b"next"), b"NEXT");
}

#[test]
fn tcpserver_answers_200_clients_at_once() {
    let server = Server::start("tcpserver");
    let together = Barrier::new(200);
    thread::scope(|scope| {
        for number in 0..200 {
            let (together, address) = (&together, server.address);
            scope.spawn(move || {
                together.wait();
                let answer = visit(address, format!("client {number}").as_bytes());
                assert_eq!(answer, format!("CLIENT {number}").as_bytes());
            });
        }
    });
}

// ---- timeserver ----

/// A client that the time server has greeted.
fn greeted(server: SocketAddr) -> TcpStream {
    let mut stream = connect(server);
    let mine = stream.local_addr().expect("it is connected");
    assert_eq!(line(&mut stream), format!("You are connected from {mine}\n"));
    stream
}

/// The next line that comes, up to its newline.
fn line(stream: &mut TcpStream) -> String {
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("an answer");
        line.extend(byte);
    }
    String::from_utf8(line).expect("ASCII")
}

#[track_caller]
fn assert_answers(stream: &mut TcpStream, command: &[u8], answer: &str) {
    stream.write_all(command).expect("the server reads");
    assert_eq!(line(stream), format!("{answer}\n"), "{command:?}");
}

/// What Python says of the time, if there is Python.
fn ctime() -> Option<String> {
    let python = Command::new("python3").args(["-c", "import time; print(time.ctime())"]).output();
    Some(String::from_utf8(python.ok()?.stdout).expect("ASCII").trim_end().to_owned())
}

#[test]
fn timeserver_tells_the_time_as_python_does() {
    let server = Server::start("timeserver");
    let mut client = greeted(server.address);
    let Some(mut before) = ctime() else { return skip("python3 is missing") };
    loop {
        client.write_all(b"TIME").expect("the server reads");
        let answer = line(&mut client);
        let after = ctime().expect("it was there a moment ago");
        if before == after {
            return assert_eq!(answer, format!("{after}\n"));
        }
        before = after; // a second has begun meanwhile
    }
}

#[test]
fn timeserver_takes_nothing_but_its_commands() {
    let server = Server::start("timeserver");
    let mut client = greeted(server.address);
    for command in [&b"time"[..], b"\n", b" ", b"\xff\xfe", b"\0", b"EXIT now", &[b'x'; 1024]] {
        assert_answers(&mut client, command, "Invalid command!");
    }
    client.write_all(b"\t TIME\r\n").expect("the server reads");
    assert_ne!(line(&mut client), "Invalid command!\n");
}

#[test]
fn timeserver_outlives_clients_of_every_temper() {
    let server = Server::start("timeserver");
    drop(greeted(server.address));
    greeted(server.address).write_all(b"TI").expect("the server reads");
    greeted(server.address).write_all(&b"TIME\n".repeat(10_000)).expect("the server reads");
    let resets = connect(server.address);
    SockRef::from(&resets).set_linger(Some(Duration::ZERO)).expect("TCP can");
    drop(resets);
    assert_answers(&mut greeted(server.address), b"HELLO", "Invalid command!");
}

#[test]
fn timeserver_ends_at_exit_and_frees_its_port() {
    let address = own_address();
    for _ in 0..2 {
        let server = Server::at(address, solution("timeserver"));
        let mut client = greeted(address);
        let mut waiting = connect(address);
        client.write_all(b"EXIT").expect("the server reads");
        assert_eq!((rest(&mut client), rest(&mut waiting)), (vec![], vec![]));
        let ended = server.running.end();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        assert_eq!(ended.stdout, "The server is ready to receive\nEXIT: the server is closed\n");
        assert!(TcpStream::connect(address).is_err(), "somebody still listens");
    }
}

// ---- timeclient ----

const TIME_PROMPT: &str = "Please enter a command (TIME or EXIT): ";

/// A time client that was greeted, and the server's end of its connection.
fn visitor() -> (Running, TcpStream) {
    let (listener, address) = listener();
    let client = client("timeclient", address);
    let (mut stream, _) = listener.accept().expect("the client connects");
    stream.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
    stream.write_all(b"Welcome\n").expect("the client reads");
    (client, stream)
}

#[test]
fn timeclient_sends_line_by_line_and_ends_at_exit() {
    let (mut client, mut server) = visitor();
    for (typed, sent, answer) in [
        ("TIME\n", "TIME\n", "now"),
        ("\n", "\n", "what?"),
        ("HELLO\r\n", "HELLO\n", "caf\u{e9}\n"),
    ] {
        client.types(typed);
        assert_eq!(line(&mut server), sent);
        server.write_all(answer.as_bytes()).expect("the client reads");
    }
    client.types("EXIT\n");
    assert_eq!(rest(&mut server), b"EXIT\n");
    let ended = client.end();
    let screen = ["Welcome\n", "now\n", "what?\n", "caf\u{e9}\n", ""].join(TIME_PROMPT);
    assert_eq!((ended.code, ended.stdout, ended.stderr.as_str()), (Some(0), screen, ""));
}

#[test]
fn timeclient_ends_at_the_end_of_its_input_without_sending() {
    let (client, mut server) = visitor();
    let ended = client.end();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(ended.stdout, format!("Welcome\n{TIME_PROMPT}"));
    assert_eq!(rest(&mut server), b"");
}

#[test]
fn timeclient_says_that_the_server_has_closed_in_whatever_way() {
    for resets in [false, true] {
        let (mut client, mut server) = visitor();
        client.types("TIME\n");
        assert_eq!(line(&mut server), "TIME\n");
        if resets {
            SockRef::from(&server).set_linger(Some(Duration::ZERO)).expect("TCP can");
        }
        drop(server);
        let ended = client.end();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        let said = format!("Welcome\n{TIME_PROMPT}The server has closed the connection\n");
        assert_eq!(ended.stdout, said);
    }
}

// ---- mailclient, up to TLS: the checks have a server that goes further ----

/// Lets a mail client talk to a server that sends one of these after each line it hears, and closes
/// then. Gives back what came of the client, and all that the server has heard.
fn mails(said: &[&[u8]]) -> (Ended, String) {
    let (listener, address) = listener();
    let client = client("mailclient", address);
    let (mut stream, _) = listener.accept().expect("the client connects");
    stream.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
    let mut heard = String::new();
    for (number, piece) in said.iter().enumerate() {
        if number > 0 {
            heard += &line(&mut stream);
        }
        let _ = stream.write_all(piece); // the client may have had enough
    }
    let _ = stream.shutdown(Shutdown::Write);
    heard += &String::from_utf8_lossy(&rest(&mut stream));
    (client.end(), heard)
}

const GREETING: &[u8] = b"220 mail.example.com\r\n";
const OFFERS: &[u8] = b"250-mail.example.com\r\n250-SIZE 1000\r\n250 STARTTLS\r\n";
const SHOWN: &str = "220 mail.example.com\n250-mail.example.com\n250-SIZE 1000\n250 STARTTLS\n";
const ASKED: &str = "EHLO [127.0.0.1]\r\nSTARTTLS\r\n";

#[test]
fn mailclient_takes_leave_where_there_is_no_tls() {
    for refusal in ["421", "454", "500", "502", "530", "554", "22", "22\u{e9}", ""] {
        let said = format!("{refusal} no\r\n");
        let (ended, heard) = mails(&[GREETING, OFFERS, said.as_bytes(), b"221 Bye\r\n"]);
        assert_eq!(heard, format!("{ASKED}QUIT\r\n"));
        let shown = format!("{SHOWN}{refusal} no\n220 reply not received from server.\n221 Bye\n");
        assert_eq!((ended.code, ended.stdout), (Some(1), shown));
        assert!(ended.stderr.contains("220 was expected, not "), "{}", ended.stderr);
    }
}

#[test]
fn mailclient_does_not_care_how_a_reply_comes() {
    let (listener, address) = listener();
    let client = client("mailclient", address);
    let (mut stream, _) = listener.accept().expect("the client connects");
    stream.set_nodelay(true).expect("TCP can");
    for reply in [GREETING, OFFERS] {
        for byte in reply {
            stream.write_all(&[*byte]).expect("the client reads");
        }
        line(&mut stream);
    }
    drop(stream);
    assert_eq!(client.end().stdout, SHOWN);
}

#[test]
fn mailclient_shows_the_password_in_no_way_though_the_server_does() {
    let [password, base64] = PASSWORD;
    let said = format!("250-{password} and {base64}\r\n250 {}\r\n", base64.trim_matches('='));
    let refusal = format!("535 not with {password}{base64}\r\n");
    let (ended, heard) = mails(&[GREETING, said.as_bytes(), refusal.as_bytes(), b"221 Bye\r\n"]);
    assert_eq!(heard, format!("{ASKED}QUIT\r\n"));
    let shown = "250-**** and ****==\n250 ****\n535 not with ********==\n";
    assert!(ended.stdout.contains(shown), "{}", ended.stdout);
    let anywhere = ended.stdout + &ended.stderr + &heard;
    assert!(!anywhere.contains(password) && !anywhere.contains(base64.trim_matches('=')));
}

#[test]
fn mailclient_ends_at_bytes_behind_the_reply_to_starttls() {
    let injection = b"220 go\r\n250-mail.example.com\r\n250 AUTH LOGIN\r\n";
    let (ended, heard) = mails(&[GREETING, OFFERS, injection]);
    assert_eq!((ended.code, heard.as_str()), (Some(1), ASKED));
    assert!(ended.stderr.contains("more bytes came in clear"), "{}", ended.stderr);
    assert_eq!(ended.stdout, format!("{SHOWN}220 go\n"));
}

#[test]
fn mailclient_ends_at_a_reply_without_end() {
    let (ended, _) = mails(&[&[b'2'; 10_000_000]]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains("a line of over 64 KiB"), "{}", ended.stderr);
    let (ended, _) = mails(&[&b"220-\r\n".repeat(2_000)]);
    assert_eq!((ended.code, ended.stdout), (Some(1), "220-\n".repeat(1_000)));
    assert!(ended.stderr.contains("a reply of more than 1000 lines"), "{}", ended.stderr);
}

#[test]
fn mailclient_says_that_the_server_has_closed() {
    let said = [GREETING, OFFERS, b"220"];
    for steps in 0..=said.len() {
        let (ended, _) = mails(&said[..steps]);
        assert_eq!(ended.code, Some(1));
        let words = "the server closed the connection in the middle of the dialogue";
        assert!(ended.stderr.contains(words), "{steps} steps: {}", ended.stderr);
    }
    for said in [&b"220 go\r\n"[..], b"250 b\r\n220 go"] {
        let (ended, _) = mails(&[GREETING, OFFERS, said]);
        assert_eq!(ended.code, Some(1));
    }
}

#[test]
fn mailclient_refuses_what_it_cannot_send_before_it_connects() {
    let address = "no address: NAME@HOST is expected";
    let smuggled = "holds a line break";
    let cases: &[(&str, &[u8], &str)] = &[
        ("MAIL_TO", b"bob@example.com\r\nRCPT TO:<eve@example.com>", smuggled),
        ("MAIL_TO", b"bob@example.com>\nDATA", smuggled),
        ("MAIL_TO", b"<bob@example.com>", address),
        ("MAIL_TO", b"bob @example.com", address),
        ("MAIL_TO", b"bob", address),
        ("MAIL_TO", b"@example.com", address),
        ("MAIL_TO", b"bob@", address),
        ("MAIL_TO", b"", "is empty"),
        ("MAIL_TO", "b\u{f6}b@example.com".as_bytes(), "in ASCII"),
        ("MAIL_TO", &[&[b'b'; 300][..], b"@example.com"].concat(), "at most 254 characters"),
        ("MAIL_FROM", b"alice@example.com\r", smuggled),
        ("MAIL_FROM", b"", address),
        ("MAIL_USER", b"alice", address), // the sender, by default
        ("MAIL_USER", b"alice@example.com\n", smuggled),
        ("MAIL_USER", b"", "is empty"),
        ("MAIL_PASSWORD", b"", "is empty"),
        ("MAIL_PASSWORD", b"secret\r\n", smuggled),
        ("MAIL_PASSWORD", b"secret\xff", "is not UTF-8"),
        ("MAIL_SUBJECT", b"hello\r\nBcc: eve@example.com", smuggled),
        ("MAIL_BODY", b"\xff\xfe", "is not UTF-8"),
        ("MAIL_ATTACHMENT", b"nowhere/picture.png", "No such file"),
        ("MAIL_CA", b"nowhere/ca.pem", "No such file"),
        ("MAIL_CA", b"/dev/null", "there is no certificate in"),
    ];
    let (listener, address) = listener();
    listener.set_nonblocking(true).expect("sockets can");
    let place = [address.ip().to_string(), address.port().to_string()];
    for (name, value, words) in cases {
        let value = OsStr::from_bytes(value);
        let ended = Running::start(solution("mailclient").args(&place).env(name, value)).end();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{name}={value:?}");
        assert!(ended.stderr.contains(words), "{name}={value:?}: {}", ended.stderr);
        assert!(!ended.stderr.contains("secret"), "{}", ended.stderr);
        let Some(mut twin) = twin("mailclient") else { continue };
        if value.to_str().is_some() {
            let ended = Running::start(twin.args(&place).env(name, value)).end();
            assert_eq!(ended.code, Some(2), "{name}={value:?}: {}", ended.stderr);
        }
    }
    assert!(nothing_came(listener.accept()));
}

#[test]
fn mailclient_does_not_wait_for_answers_where_nobody_can_give_them() {
    for name in ["MAIL_USER", "MAIL_PASSWORD", "MAIL_TO"] {
        let ended = Running::start(solution("mailclient").env_remove(name)).end();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
        let words = format!("{name} is not set, and there is no terminal to ask at");
        assert!(ended.stderr.contains(&words), "{}", ended.stderr);
    }
}

/// A mail client that has to ask for its password, and what is to be run then, at a terminal.
fn at_a_terminal(place: SocketAddr, then: &str) -> Option<Running> {
    if !works("script", &["--version"]) {
        skip("script is missing, which makes terminals");
        return None;
    }
    let program = root().join("solutions/target/debug/mailclient");
    let line = format!("trap : INT; {} {} {}; {then}", program.display(), place.ip(), place.port());
    let environment = solution("mailclient");
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    for (name, value) in environment.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    Some(Running::start(script.env_remove("MAIL_PASSWORD").env("SHELL", "/bin/sh")))
}

#[test]
fn mailclient_does_not_show_the_password_that_is_typed() {
    let (listener, address) = listener();
    let Some(mut client) = at_a_terminal(address, "stty -a") else { return };
    until("the prompt", || client.stdout().contains("MAIL_PASSWORD: ").then_some(()));
    client.types("hush, hush\n");
    let (mut stream, _) = listener.accept().expect("the client connects");
    stream.write_all(b"554 hush, hush; aHVzaCwgaHVzaA==\r\n").expect("the client reads");
    assert_eq!(line(&mut stream), "QUIT\r\n");
    drop(stream);
    let shown = client.end().stdout;
    assert!(!shown.contains("hush") && !shown.contains("aHVzaCwgaHVzaA"), "{shown}");
    assert!(shown.contains("554 ****; ****"), "{shown}");
    assert!(shown.contains(" echo ") && !shown.contains("-echo "), "{shown}");
}

#[test]
fn mailclient_leaves_a_terminal_that_shows_what_is_typed_after_ctrl_c() {
    let Some(mut client) = at_a_terminal(own_address(), "echo \"exit $?\"; stty -a") else {
        return;
    };
    until("the prompt", || client.stdout().contains("MAIL_PASSWORD: ").then_some(()));
    client.types("hu\x03");
    // The end of the input, which comes with `end`, would end it, too.
    until("its end", || client.stdout().contains("exit ").then_some(()));
    let shown = client.end().stdout;
    assert!(shown.contains("exit 130"), "{shown}");
    assert!(shown.contains(" echo ") && !shown.contains("-echo "), "{shown}");
}

// ---- pingserver ----

/// Sends so many pings, few enough for the server's buffer, and gives back which were answered.
fn answered(server: SocketAddr, pings: usize) -> Vec<bool> {
    let socket = udp_socket();
    for number in 0..pings {
        socket.send_to(format!("ping {number}").as_bytes(), server).expect("loopback takes it");
    }
    let mut answered = vec![false; pings];
    // The server takes one after the other: with an answer to the last one all others are there.
    for _ in 0..pings {
        socket.send_to(b"the last", server).expect("loopback takes it");
    }
    loop {
        let mut buffer = [0; 1024];
        let length = socket.recv(&mut buffer).expect("an answer to some");
        let text = str::from_utf8(&buffer[..length]).expect("ASCII");
        let Some(number) = text.strip_prefix("PING ") else {
            assert_eq!(text, "THE LAST");
            return answered;
        };
        answered[number.parse::<usize>().expect("its number")] = true;
    }
}

fn pingserver(seed: &[&str]) -> Server {
    Server::with(own_address(), solution("pingserver"), seed)
}

#[test]
fn pingserver_repeats_a_run_with_the_same_seed() {
    let run = |seed: &[&str]| answered(pingserver(seed).address, 100);
    assert_eq!(run(&["7"]), run(&["7"]));
    assert_ne!(run(&["7"]), run(&["8"]));
    // Without a seed two runs are the same with a probability of ((4/11)^2 + (7/11)^2)^100, 9 in 10^28.
    assert_ne!(run(&[]), run(&[]));
}

/// The first numbers that SplitMix64 gives for the seed 1234567 are widely published.
#[test]
fn pingserver_draws_as_the_generator_of_that_name_does() {
    let published: [u64; 5] = [
        6_457_827_717_110_365_317,
        3_203_168_211_198_807_973,
        9_817_491_932_198_370_423,
        4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
    ];
    let expected = published.map(|drawn| drawn % 11 >= 4);
    assert_eq!(answered(pingserver(&["1234567"]).address, 100)[..5], expected);
}

#[test]
fn pingserver_answers_datagrams_of_every_size_to_their_sender() {
    let server = Server::start("pingserver");
    for (size, comes_back) in [(0, 0), (1, 1), (1024, 1024), (1025, 1024), (65_507, 1024)] {
        let socket = udp_socket();
        socket.set_read_timeout(Some(Duration::from_millis(50))).expect("it is not zero");
        let mut buffer = [0; 2048];
        let (length, from) = until("an answer", || {
            socket.send_to(&vec![b'z'; size], server.address).expect("loopback takes it");
            socket.recv_from(&mut buffer).ok() // lost: once more
        });
        assert_eq!((&buffer[..length], from), (&vec![b'Z'; comes_back][..], server.address));
    }
}

// ---- pingclient ----

#[test]
fn pingclient_takes_its_own_answer_from_whatever_comes() {
    let server = udp_socket();
    let client = client("pingclient", server.local_addr().expect("bound"));
    let mut shown = String::new();
    for number in 1..=10 {
        let (ping, from) = receive(&server);
        assert!(ping.starts_with(&format!("Ping {number} ")), "{ping}");
        let pong = ping.to_ascii_uppercase();
        let long = vec![b'P'; 65_507];
        for stray in [&b""[..], b"\xff\xfe", b"PING", &long, ping.as_bytes(), pong.as_bytes()] {
            server.send_to(stray, from).expect("loopback takes it");
        }
        shown += &format!("Sending Ping Message: {ping}\nReceiving Pong Message: {pong}\n");
    }
    let ended = client.end();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let lines = ended.stdout.lines();
    let (rtts, others): (Vec<&str>, Vec<&str>) =
        lines.partition(|line| line.starts_with("Round Trip Time(RTT): "));
    assert_eq!(rtts.len(), 10);
    let (pings, summary) = others.split_at(20);
    assert_eq!(pings.join("\n") + "\n", shown);
    assert_eq!(summary[1], "10 packets transmitted, 10 received, 0% packet loss");
}

// ---- The command line ----

fn run(name: &str, arguments: &[impl AsRef<OsStr>]) -> Ended {
    start(name, arguments).end()
}

/// What a program takes on its command line.
fn usage(name: &str) -> &'static str {
    if name == "pingserver" { "[ADDRESS [PORT [SEED]]]" } else { "[ADDRESS [PORT]]" }
}

#[track_caller]
fn assert_refused(arguments: &[&str], cause: &str) {
    PROGRAMS.iter().for_each(|name| assert_refuses(name, arguments, cause));
}

#[track_caller]
fn assert_refuses(name: &str, arguments: &[&str], cause: &str) {
    let ended = run(name, arguments);
    let expected = format!("{name}: {cause}\nusage: {name} {}\n", usage(name));
    assert_eq!((ended.stderr, ended.code), (expected, Some(2)));
    assert_eq!(ended.stdout, "");
}

#[test]
fn every_program_shows_its_usage() {
    for (name, flag) in PROGRAMS.iter().flat_map(|name| [(name, "-h"), (name, "--help")]) {
        let ended = run(name, &["127.0.0.1", "1", "2", flag]);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        assert!(ended.stdout.starts_with(&format!("usage: {name} {}\n", usage(name))));
    }
}

#[test]
fn every_program_refuses_a_port_that_is_none() {
    for port in ["http", "65536", "", "12 000"] {
        let cause = format!("{port:?} is not a port: a number from 0 to 65535 is expected");
        assert_refused(&["127.0.0.1", port], &cause);
    }
}

#[test]
fn every_program_refuses_one_argument_too_many() {
    let cause = "only ADDRESS and PORT are expected, not \"now\"";
    for name in PROGRAMS.into_iter().filter(|name| *name != "pingserver") {
        assert_refuses(name, &["127.0.0.1", "12000", "now"], cause);
    }
    let cause = "only ADDRESS, PORT and SEED are expected, not \"now\"";
    assert_refuses("pingserver", &["127.0.0.1", "12000", "7", "now"], cause);
}

#[test]
fn pingserver_refuses_a_seed_that_is_none() {
    for seed in ["now", "1.5", "", "18446744073709551616"] {
        let cause = format!("{seed:?} is not a seed: a number from 0 to {} is expected", u64::MAX);
        assert_refuses("pingserver", &["127.0.0.1", "12000", seed], &cause);
    }
}

#[test]
fn every_program_refuses_an_unknown_option() {
    assert_refused(&["--loud"], "there is no option \"--loud\"");
}

#[test]
fn no_program_panics_at_an_argument_that_is_not_utf_8() {
    for name in PROGRAMS {
        let text = OsStr::from_bytes(b"\xff\xfe");
        let mut unresolved = start(name, &[text]);
        unresolved.types("hello\n");
        assert_eq!(unresolved.end().code, Some(1));
        assert_eq!(run(name, &[OsStr::new("127.0.0.1"), text]).code, Some(2));
    }
}

#[test]
fn every_program_says_in_one_line_that_an_address_does_not_resolve() {
    for name in PROGRAMS {
        let mut running = start(name, &["nowhere.invalid"]);
        running.types("hello\n");
        let ended = running.end();
        let port = lab::find(name).expect("it is in the table").port;
        let begin = format!("{name}: nowhere.invalid:{port}: ");
        assert!(ended.stderr.starts_with(&begin), "{}", ended.stderr);
        assert_eq!((ended.stderr.lines().count(), ended.code), (1, Some(1)));
    }
}

// ---- Servers ----

#[test]
fn a_server_names_the_remedy_for_a_port_in_use() {
    let (tcp, udp) = (listener(), udp_socket());
    let udp_address = udp.local_addr().expect("it is bound");
    let taken = [
        ("tcpserver", tcp.1),
        ("udpserver", udp_address),
        ("timeserver", tcp.1),
        ("chatserver", tcp.1),
        ("pingserver", udp_address),
    ];
    for (name, address) in taken {
        let port = address.port();
        let ended = run(name, &["127.0.0.1".to_owned(), port.to_string()]);
        let expected = format!(
            "{name}: 127.0.0.1:{port}: address in use: end the program that has this port, or \
             give another PORT\n"
        );
        assert_eq!((ended.stderr, ended.code), (expected, Some(1)));
    }
}

#[test]
fn ctrl_c_ends_a_server_with_one_line_and_frees_its_port() {
    for name in SERVERS {
        let address = own_address();
        for _ in 0..2 {
            let server = Server::at(address, solution(name));
            server.running.interrupt();
            let ended = server.running.end();
            let said = ended.stdout.split_once('\n').map(|(_ready, said)| said);
            assert_eq!(said, Some("\nInterrupted: the server is closed\n"));
            assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        }
    }
}

#[test]
fn tcpserver_starts_again_while_an_old_connection_is_in_time_wait() {
    let address = own_address();
    let server = Server::at(address, solution("tcpserver"));
    assert_eq!(visit(address, b"first"), b"FIRST");
    server.running.interrupt();
    server.running.end();
    // What is left of a connection after its program has ended belongs to no inode.
    let in_time_wait = |socket: &lab::sockets::Socket| socket.local == address && socket.inode == 0;
    assert!(lab::sockets::all().iter().any(in_time_wait), "the server closes first");
    let _again = Server::at(address, solution("tcpserver"));
    assert_eq!(visit(address, b"next"), b"NEXT");
}

// ---- Clients ----

/// Starts a client and types this.
fn types(name: &str, server: SocketAddr, line: &str) -> Running {
    let mut running = client(name, server);
    running.types(line);
    running
}

/// Waits for a client's datagram; gives back its text and its sender.
fn receive(server: &UdpSocket) -> (String, SocketAddr) {
    let mut buffer = [0; 4096];
    let (length, from) = server.recv_from(&mut buffer).expect("the client sends");
    (String::from_utf8_lossy(&buffer[..length]).into_owned(), from)
}

fn nothing_came(result: Result<impl Sized, std::io::Error>) -> bool {
    result.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

#[test]
fn a_client_at_the_end_of_its_input_sends_nothing() {
    let (tcp, udp) = (listener(), udp_socket());
    tcp.0.set_nonblocking(true).expect("sockets can");
    udp.set_nonblocking(true).expect("sockets can");
    let udp_address = udp.local_addr().expect("bound");
    let at_udp = UDP_CLIENTS.map(|name| (name, udp_address));
    for (name, server) in at_udp.into_iter().chain(TCP_CLIENTS.map(|name| (name, tcp.1))) {
        let ended = client(name, server).end();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), prompt(name)));
        assert_eq!(ended.stderr, "");
    }
    assert!(nothing_came(tcp.0.accept()) && nothing_came(udp.recv(&mut [0])));
}

const LINES: [&str; 3] = ["hello\n", "hello\r\n", "hello"];

#[test]
fn a_udp_client_sends_its_line_without_the_end_and_prints_the_reply() {
    for (name, line) in UDP_CLIENTS.iter().flat_map(|name| LINES.map(|line| (name, line))) {
        let server = udp_socket();
        let mut client = types(name, server.local_addr().expect("bound"), line);
        client.input_ends();
        let (datagram, from) = receive(&server);
        assert_eq!(datagram, "hello");
        server.send_to(b"caf\xc3\xa9, \xff", from).expect("loopback takes it");
        let ended = client.end();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        assert_eq!(without_times(&ended.stdout), shows(name, "caf\u{e9}, \u{fffd}"));
    }
}

#[test]
fn a_tcp_client_sends_its_line_without_the_end_and_prints_the_reply() {
    for (name, line) in TCP_CLIENTS.iter().flat_map(|name| LINES.map(|line| (name, line))) {
        let (listener, address) = listener();
        let mut client = types(name, address, line);
        client.input_ends();
        let (mut stream, _) = listener.accept().expect("the client connects");
        let mut sentence = [0; 5];
        stream.read_exact(&mut sentence).expect("the client sends");
        stream.write_all(b"caf\xc3\xa9, \xff").expect("the client reads");
        assert_eq!((&sentence, rest(&mut stream).as_slice()), (b"hello", &b""[..]));
        let ended = client.end();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        assert_eq!(without_times(&ended.stdout), shows(name, "caf\u{e9}, \u{fffd}"));
    }
}

#[test]
fn a_udp_client_does_not_believe_a_stranger() {
    for name in UDP_CLIENTS {
        let (server, stranger) = (udp_socket(), udp_socket());
        let client = types(name, server.local_addr().expect("bound"), "hello\n");
        let (_, from) = receive(&server);
        stranger.send_to(b"from a stranger", from).expect("loopback takes it");
        server.send_to(b"from the server", from).expect("loopback takes it");
        assert_eq!(without_times(&client.end().stdout), shows(name, "from the server"));
    }
}

#[test]
fn a_tcp_client_says_what_a_refused_connection_means() {
    for name in TCP_CLIENTS {
        let ended = types(name, own_address(), "hello\n").end();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), prompt(name)));
        let meaning =
            "connection refused: the host answers, but no program there listens at this port";
        assert!(ended.stderr.contains(meaning), "{}", ended.stderr);
    }
}

#[test]
fn a_tcp_client_says_that_the_server_closed_without_an_answer() {
    for name in TCP_CLIENTS {
        let (listener, address) = listener();
        let client = types(name, address, "hello\n");
        let (mut stream, _) = listener.accept().expect("the client connects");
        stream.read_exact(&mut [0; 5]).expect("the client sends");
        drop(stream);
        let ended = client.end();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), prompt(name)));
        let words = "closed the connection without an answer";
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
}

// ---- Waiting: all at once, since each takes 5 s, 15 s or 30 s ----

/// The programs wait 5 s; a machine with other work to do may be late, but none is early.
const FIVE_SECONDS: std::ops::Range<Duration> =
    Duration::from_millis(4500)..Duration::from_millis(8000);

#[test]
fn every_program_waits_its_time_and_no_longer() {
    let waits: [fn(); 13] = [
        tcpserver_drops_a_silent_client_and_serves_the_next,
        || without_a_server_says_that_udp_gives_no_sign("udpclient"),
        || without_a_server_says_that_udp_gives_no_sign("udpclient_rtt"),
        || does_not_wait_longer_because_a_stranger_keeps_sending("udpclient"),
        || does_not_wait_longer_because_a_stranger_keeps_sending("udpclient_rtt"),
        || leaves_a_server_that_never_answers("tcpclient"),
        || leaves_a_server_that_never_answers("tcpclient_rtt"),
        tcpclient_rtt_leaves_a_host_that_does_not_answer,
        timeserver_drops_a_silent_client_after_15_s,
        timeserver_drops_a_client_that_never_reads_after_15_s,
        mailclient_leaves_a_server_that_sends_a_byte_now_and_then,
        mailclient_leaves_a_server_that_is_silent_in_the_handshake,
        pingclient_waits_a_second_for_each_of_ten_pings,
    ];
    thread::scope(|scope| {
        for wait in waits {
            scope.spawn(wait);
        }
    });
}

fn tcpserver_drops_a_silent_client_and_serves_the_next() {
    let server = Server::start("tcpserver");
    let start = Instant::now();
    let mut silent = connect(server.address);
    let mut next = connect(server.address);
    next.write_all(b"next").expect("the queue takes it");
    assert_eq!(rest(&mut silent), b"");
    let waited = start.elapsed();
    assert_eq!(rest(&mut next), b"NEXT");
    assert!(FIVE_SECONDS.contains(&waited), "dropped after {waited:?}");
    server.running.complains("sent nothing for 5 s");
}

fn without_a_server_says_that_udp_gives_no_sign(name: &str) {
    let ended = types(name, own_address(), "hello\n").end();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), prompt(name)));
    assert!(ended.stderr.contains("UDP gives no sign"), "{}", ended.stderr);
    assert!(FIVE_SECONDS.contains(&ended.took), "{:?}", ended.took);
}

fn does_not_wait_longer_because_a_stranger_keeps_sending(name: &str) {
    let (server, stranger) = (udp_socket(), udp_socket());
    let mut client = types(name, server.local_addr().expect("bound"), "hello\n");
    let (_, from) = receive(&server);
    while !client.has_ended() {
        stranger.send_to(b"from a stranger", from).expect("loopback takes it");
        thread::sleep(Duration::from_millis(300));
    }
    let ended = client.end();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), prompt(name)));
    assert!(FIVE_SECONDS.contains(&ended.took), "{:?}", ended.took);
}

fn leaves_a_server_that_never_answers(name: &str) {
    let (listener, address) = listener();
    let client = types(name, address, "hello\n");
    let _open = listener.accept().expect("the client connects");
    let ended = client.end();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), prompt(name)));
    assert!(ended.stderr.contains("connected, but no reply within 5 s"), "{}", ended.stderr);
    assert!(FIVE_SECONDS.contains(&ended.took), "{:?}", ended.took);
}

/// A queue that is full drops the SYN, as a host that is off would.
fn tcpclient_rtt_leaves_a_host_that_does_not_answer() {
    let (listener, address) = listener();
    SockRef::from(&listener).listen(0).expect("it listens already");
    let _in_the_queue = connect(address);
    let ended = types("tcpclient_rtt", address, "hello\n").end();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), prompt("tcpclient_rtt")));
    assert!(ended.stderr.contains("no answer to connect within 5 s"), "{}", ended.stderr);
    assert!(FIVE_SECONDS.contains(&ended.took), "{:?}", ended.took);
}

const FIFTEEN_SECONDS: std::ops::Range<Duration> =
    Duration::from_millis(14_500)..Duration::from_millis(18_000);

fn timeserver_drops_a_silent_client_after_15_s() {
    let server = Server::start("timeserver");
    let mut silent = greeted(server.address);
    let start = Instant::now();
    assert_answers(&mut silent, b"HELLO", "Invalid command!");
    assert_eq!(rest(&mut silent), b"");
    let waited = start.elapsed();
    assert!(FIFTEEN_SECONDS.contains(&waited), "dropped after {waited:?}");
    greeted(server.address);
    server.running.complains("sent no command or read no answer for 15 s");
}

fn timeserver_drops_a_client_that_never_reads_after_15_s() {
    let server = Server::start("timeserver");
    let mut deaf = greeted(server.address);
    deaf.set_write_timeout(Some(Duration::from_secs(2))).expect("it is not zero");
    let mut last = Instant::now();
    // Until the server, blocked in its own write, takes no more.
    while deaf.write(&b"TIME".repeat(256)).is_ok() {
        last = Instant::now();
    }
    greeted(server.address);
    // It may have been blocked for a while already when the last write went into a buffer.
    let waited = last.elapsed();
    assert!(waited < FIFTEEN_SECONDS.end, "dropped after {waited:?}");
}

const THIRTY_SECONDS: std::ops::Range<Duration> =
    Duration::from_millis(29_500)..Duration::from_millis(40_000);

fn mailclient_leaves_a_server_that_sends_a_byte_now_and_then() {
    let (listener, address) = listener();
    let mut client = client("mailclient", address);
    let (mut stream, _) = listener.accept().expect("the client connects");
    while !client.has_ended() {
        let _ = stream.write_all(b"2"); // the client may be gone already
        thread::sleep(Duration::from_millis(300));
    }
    let ended = client.end();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains("no answer within 30 s"), "{}", ended.stderr);
    assert!(THIRTY_SECONDS.contains(&ended.took), "{:?}", ended.took);
}

fn mailclient_leaves_a_server_that_is_silent_in_the_handshake() {
    let (listener, address) = listener();
    let client = client("mailclient", address);
    let (mut stream, _) = listener.accept().expect("the client connects");
    for reply in [GREETING, OFFERS] {
        stream.write_all(reply).expect("the client reads");
        line(&mut stream);
    }
    stream.write_all(b"220 go\r\n").expect("the client reads");
    let ended = client.end();
    assert_eq!((ended.code, ended.stdout), (Some(1), format!("{SHOWN}220 go\n")));
    assert!(ended.stderr.contains("no answer within 30 s"), "{}", ended.stderr);
    assert!(THIRTY_SECONDS.contains(&ended.took), "{:?}", ended.took);
}

fn pingclient_waits_a_second_for_each_of_ten_pings() {
    let server = own_address();
    let ended = client("pingclient", server).end();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let lines: Vec<&str> = ended.stdout.lines().collect();
    for (index, [sending, lost]) in lines.as_chunks().0.iter().take(10).enumerate() {
        let number = index + 1;
        assert!(sending.starts_with(&format!("Sending Ping Message: Ping {number} ")), "{sending}");
        assert_eq!(*lost, format!("Request timed out for sequence number: {number}"));
    }
    let statistics = format!("--- {server} ping statistics ---");
    let counts = "10 packets transmitted, 0 received, 100% packet loss";
    assert_eq!(lines[20..], [&statistics, counts]);
    let ten_seconds = Duration::from_millis(9_900)..Duration::from_millis(14_000);
    assert!(ten_seconds.contains(&ended.took), "{:?}", ended.took);
}
