//! What strangers send to the lab programs, invented: they neither panic nor stop, and answer as a second
//! reading of the same bytes does, which is written here in another way. The functions that read are the
//! programs' own, so all of it goes over sockets. PROPTEST_CASES says how many; CI takes 100,000.

mod common;

use std::cell::RefCell;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;
use std::{env, fs};

use common::{PATIENCE, Running, Server, own_address, solution, until};
use lab::certificates::{self, Certificate};
use lab::tls::Tls;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;

/// So many cases, or a share of them where each needs a program of its own.
fn runner(share: u32) -> TestRunner {
    const FEW: u32 = 200;
    let cases = env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = cases.unwrap_or(FEW).div_ceil(share);
    TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..Default::default() })
}

/// Pieces of these words and of any bytes.
fn bytes_of(words: &'static [&'static [u8]]) -> impl Strategy<Value = Vec<u8>> {
    let word = select(words).prop_map(<[u8]>::to_vec);
    let piece = prop_oneof![4 => word, 1 => vec(any::<u8>(), 0..4)];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

// ---- The web server ----

const REQUESTS: &[&[u8]] = &[
    b"GET",
    b"HEAD",
    b"POST",
    b" ",
    b" /",
    b"a.txt",
    b"/",
    b"%61",
    b"%2e",
    b"%",
    b"%C3%A9",
    b"%c3",
    b"%+1",
    b"..",
    b".",
    b"?",
    b"sub",
    b"\xc3\xa9",
    b"\t",
    b" HTTP/1.1",
    b" HTTP/1.",
    b" HTTP/2",
    b"\r",
    b"\n",
    b"\r\n",
    b"\0",
    b"%00",
    b"\x16\x03",
    b"\xe2\x80\x83",
    b"index.html",
];

/// The status that a request deserves. The root has index.html, a.txt and sub/é.txt.
fn deserved(request: &[u8]) -> u16 {
    let text: String = request.iter().map(|byte| char::from(*byte)).collect(); // each byte a character
    if text.starts_with("\x16\x03") || !(text.contains("\r\n\r\n") || text.contains("\n\n")) {
        return 400;
    }
    let Ok(line) =
        String::from_utf8(request.split(|byte| *byte == b'\n').next().unwrap_or(&[]).to_vec())
    else {
        return 400;
    };
    let words: Vec<&str> = line.split_whitespace().collect();
    let [method, target, version] = words[..] else { return 400 };
    match (version.starts_with("HTTP/1."), method) {
        (false, _) => return 400,
        (true, "GET" | "HEAD") => {}
        (true, _) => return 501,
    }
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let (mut plain, mut rest) = (Vec::new(), path.as_bytes());
    while let [first, behind @ ..] = rest {
        (plain, rest) = match (first, behind) {
            (b'%', [high, low, behind @ ..]) => {
                let digit = |byte: &u8| {
                    char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
                };
                let (Some(high), Some(low)) = (digit(high), digit(low)) else { return 404 };
                ([plain, vec![16 * high + low]].concat(), behind)
            }
            (b'%', _) => return 404,
            (byte, behind) => ([plain, vec![*byte]].concat(), behind),
        };
    }
    let names = ["/", "/index.html", "/a.txt", "/sub/\u{e9}.txt"];
    let Some(path) = String::from_utf8(plain).ok().filter(|path| path.starts_with('/')) else {
        return 404;
    };
    // `.` and a second slash inside lead nowhere else.
    let parts: Vec<&str> = path[1..].split('/').collect();
    let leads = parts[0] != "." && !(parts[0].is_empty() && parts.len() > 1);
    let parts: Vec<&str> =
        parts.iter().copied().filter(|part| !matches!(*part, "" | ".")).collect();
    let file = format!("/{}", parts.join("/"));
    let is_one = leads && names.contains(&file.as_str()) && (path == "/" || file != "/");
    if is_one && (path == "/" || !path.ends_with('/')) { 200 } else { 404 }
}

/// The status of the answer, if there is one.
fn answered(server: &Server, request: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(server.address).expect("the server is there");
    stream.set_read_timeout(Some(PATIENCE)).expect("it is none of zero");
    let _ = stream.write_all(request); // it may have refused before the end of it
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
        _ => {}
    }
    let line = String::from_utf8_lossy(answer.get(..12)?).into_owned();
    line.strip_prefix("HTTP/1.1 ")?.parse().ok()
}

#[test]
fn the_web_server_answers_every_request_as_it_deserves() {
    let root = tempfile::tempdir().expect("a disk with room");
    fs::create_dir(root.path().join("sub")).expect("it is ours");
    for name in ["index.html", "a.txt", "sub/\u{e9}.txt"] {
        fs::write(root.path().join(name), name).expect("it is ours");
    }
    let mut command = solution("webserver");
    command.current_dir(root.path());
    let server = Server::at(own_address(), command);
    let line = (
        select(&["GET ", "HEAD ", ""][..]),
        bytes_of(REQUESTS),
        select(&[" HTTP/1.1", " HTTP/1.0", ""][..]),
    );
    let line =
        line.prop_map(|(begin, middle, end)| [begin.as_bytes(), &middle, end.as_bytes()].concat());
    const ENDS: &[&[u8]] = &[b"\r\n\r\n", b"\n\n", b"\r\nHost: x\r\n\r\n", b""];
    let end = select(ENDS);
    let requests = (line, end).prop_map(|(line, end)| [&line, end].concat());
    let tried = runner(1).run(&requests, |request| {
        let expected = Some(deserved(&request)).filter(|_| !request.is_empty());
        prop_assert_eq!(answered(&server, &request), expected);
        Ok(())
    });
    assert!(tried.is_ok(), "{}\n{}", tried.unwrap_err(), server.running.stderr());
    assert!(!server.running.stderr().contains("panicked"), "{}", server.running.stderr());
}

// ---- The mail client ----

const REPLIES: &[&[u8]] = &[
    b"220",
    b"250",
    b"221",
    b"5",
    b"-",
    b" ",
    b"ok",
    b"\r",
    b"\0",
    b"\xc3\xa9",
    b"\xc3",
    b"22",
    b"\xe2\x82\xac",
    b"2200",
    b"\x1b[2J",
];

/// What a server says before, the code that it is due to say next, and what the client sends then.
const STEPS: [Exchanged; 2] = [("", "220", "EHLO"), ("220-one\r\n220 two\r\n", "250", "STARTTLS")];

/// What the client sends behind this reply: what comes next, or QUIT; nothing, if it has no end.
fn behind(reply: &[u8], code: &str, next: &'static str) -> &'static str {
    let text = String::from_utf8_lossy(reply).into_owned();
    let last = text
        .split_inclusive('\n')
        .find(|line| line.trim_end_matches(['\r', '\n']).as_bytes().get(3) != Some(&b'-'));
    match last {
        Some(line) if !line.ends_with('\n') => "", // it has not come to its end
        Some(line) if line.starts_with(code) => next,
        Some(_) => "QUIT",
        None => "",
    }
}

type Exchanged = (&'static str, &'static str, &'static str);

/// One of these steps, and a reply to it.
fn replies(steps: &'static [Exchanged]) -> impl Strategy<Value = (Exchanged, Vec<u8>)> {
    const ENDS: &[&[u8]] = &[b"\r\n", b"\n"];
    const FIRST: &[&str] = &["", "CODE-x\r\n", "CODE ", "CODE-"];
    let lines = vec((bytes_of(REPLIES), select(ENDS)), 0..6);
    (select(steps), select(FIRST), lines).prop_map(|(step, first, lines)| {
        let lines = lines.into_iter().map(|(line, end)| [&line, end].concat());
        let lines = lines.collect::<Vec<_>>().concat();
        (step, [first.replace("CODE", step.1).as_bytes(), &lines].concat())
    })
}

#[test]
fn the_mail_client_takes_every_reply_for_what_it_is() {
    let door = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = door.local_addr().expect("it is bound");
    let tried = runner(100).run(&replies(&STEPS), |((before, code, next), reply)| {
        let mut command = solution("mailclient");
        command.args([address.ip().to_string(), address.port().to_string()]);
        let program = Running::start(&mut command);
        let (mut stream, _) = door.accept().expect("it comes");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("it is none of zero");
        stream.write_all(before.as_bytes()).expect("it reads");
        let _ = stream.write_all(&reply); // it may have gone before the end of it
        let _ = stream.shutdown(Shutdown::Write);
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said); // a reset is an end, too
        let said = String::from_utf8_lossy(&said).into_owned();
        let ended = program.end_in_any_way();
        prop_assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        prop_assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        let mut commands = said.lines().map(|line| line.split(' ').next().unwrap_or(""));
        if !before.is_empty() {
            prop_assert_eq!(commands.next(), Some("EHLO"), "{:?}", ended);
        }
        let expected = behind(&reply, code, next);
        prop_assert_eq!(commands.next().unwrap_or(""), expected, "{:?}", ended);
        Ok(())
    });
    assert!(tried.is_ok(), "{}", tried.unwrap_err());
}

/// What a server says inside TLS, what code is due next, and how what the client sends then begins.
const INSIDE: [Exchanged; 5] = [
    ("", "250", "AUTH"),
    ("250 ok\r\n", "334", "YW5uQGV4YW1wbGUuY29t"), // ann@example.com
    ("250 ok\r\n334 \r\n", "334", "c2VjcmV0"),
    ("250 ok\r\n334 \r\n334 \r\n", "235", "MAIL"),
    ("250 ok\r\n334 \r\n334 \r\n235 ok\r\n", "250", "RCPT"),
];

#[test]
fn the_mail_client_takes_every_reply_inside_tls_for_what_it_is() {
    let door = TcpListener::bind("127.0.0.1:0").expect("a free port");
    door.set_nonblocking(true).expect("a socket can");
    let address = door.local_addr().expect("it is bound");
    let directory = tempfile::tempdir().expect("a disk with room");
    let issuer = directory.path().join("ca.pem");
    fs::write(&issuer, certificates::issuer()).expect("it is ours");
    let tried = runner(200).run(&replies(&INSIDE), |((before, code, next), reply)| {
        let mut command = solution("mailclient");
        command.args([address.ip().to_string(), address.port().to_string()]);
        command.envs([("MAIL_USER", "ann@example.com"), ("MAIL_PASSWORD", "secret")]);
        command.env("MAIL_TO", "bob@example.com").env("MAIL_CA", &issuer);
        let program = Running::start(&mut command);
        let mut stream = until("a connection", || door.accept().ok()).0;
        stream.set_nonblocking(false).expect("a socket can");
        stream.set_read_timeout(Some(PATIENCE)).expect("it is none of zero");
        stream.write_all(b"220 a\r\n250 b\r\n220 go\r\n").expect("it reads");
        let mut clear = Vec::new();
        while !clear.ends_with(b"STARTTLS\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("it goes over to TLS");
            clear.extend(byte);
        }
        stream.set_read_timeout(Some(Duration::from_millis(1))).expect("it is none of zero");
        let mut tls = Tls::server(stream, Certificate::Fine);
        // What was not acknowledged, and so not sent yet, is lost when the client closes with bytes unread:
        // so every command is waited for.
        let mut known = 0;
        for said in before.split_inclusive('\n').map(str::as_bytes).chain([reply.as_slice()]) {
            known += 1;
            until("the next command", || {
                let _ = tls.look();
                (tls.heard.split(|byte| *byte == b'\n').count() > known).then_some(())
            });
            tls.say(said);
        }
        tls.close();
        until("the end", || {
            let _ = tls.look();
            tls.end.is_some().then_some(())
        });
        let ended = program.end_in_any_way();
        prop_assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        prop_assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        let said = String::from_utf8_lossy(&tls.heard).into_owned();
        let said: Vec<&str> =
            said.lines().map(|line| line.split(' ').next().unwrap_or("")).collect();
        let expected = behind(&reply, code, next);
        prop_assert_eq!(
            said.get(known).copied().unwrap_or(""),
            expected,
            "{:?} {:?} {:?}",
            said,
            tls.end,
            ended
        );
        Ok(())
    });
    assert!(tried.is_ok(), "{}", tried.unwrap_err());
}

// ---- The chat client ----

const ROSTERS: &[&[u8]] = &[
    b"!",
    b"{",
    b"}",
    b"!{}",
    b"\"",
    b"\"ann\"",
    b": ",
    b",",
    b"\"127.0.0.1\"",
    b"null",
    b"[",
    b"]",
    b"\n",
    b"!{\"ann\": \"127.0.0.1\"}",
    b"!{\"bob\": ",
    b"ann: hello \n",
    b"\\u",
    b"\\",
    b"\xc3\xa9",
    b"\xc3",
    b"\xf0\x9f",
    b"\0",
    b"\x1b[2J",
    b"1e999",
];

#[test]
fn the_chat_client_hears_out_every_server() {
    let door = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = door.local_addr().expect("it is bound");
    // One after the other to one client, which is to hear a roster behind each.
    let connection = RefCell::new(None);
    let count = RefCell::new(0_u64);
    let start = || {
        let mut program = client_of_chat(address);
        let (mut stream, _) = door.accept().expect("it comes");
        stream.set_nodelay(true).expect("a socket can");
        program.types("eve\n");
        stream.read_exact(&mut [0; 3]).expect("its name");
        (program, stream)
    };
    let tried = runner(10).run(&(bytes_of(ROSTERS), any::<bool>()), |(bytes, in_pieces)| {
        let mut connection = connection.borrow_mut();
        let (program, stream) = connection.get_or_insert_with(start);
        let number = *count.borrow();
        *count.borrow_mut() += 1;
        let pieces: Vec<&[u8]> = bytes.chunks(if in_pieces { 3 } else { 1000 }).collect();
        for piece in pieces {
            stream.write_all(piece).expect("it is there");
        }
        // What was begun as a roster ends at the latest here, and what comes then is a message.
        stream
            .write_all(format!("\n\"]}}\n!{{}}\nword{number}. \n").as_bytes())
            .expect("it is there");
        let word = format!("word{number}. ");
        until("the word behind it", || {
            let ended = program.has_ended();
            assert!(!ended, "{bytes:?}: {}", program.stderr());
            program.stdout().contains(&word).then_some(())
        });
        prop_assert!(!program.stderr().contains("panicked"), "{}", program.stderr());
        if number % 200 == 199 {
            *connection = None; // all that it has printed is looked through each time
        }
        Ok(())
    });
    assert!(tried.is_ok(), "{}", tried.unwrap_err());
}

fn client_of_chat(server: std::net::SocketAddr) -> Running {
    let mut command = solution("chatclient");
    command.args([
        server.ip().to_string(),
        own_address().ip().to_string(),
        server.port().to_string(),
    ]);
    Running::start(&mut command)
}
