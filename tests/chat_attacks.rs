//! The chat with passwords on bad days: floods of logins, files that others have damaged, a screen
//! that nobody reads, and a login that is not what it seems.

mod common;
#[path = "common/login.rs"]
mod login;

use std::fs::{self, Permissions};
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::{Ended, Running, Server, own_address, solution, until};
use lab::certificates::{self, Certificate};
use lab::tls::Tls;
use login::{
    PASSWORD, begin, begin_from, behind, certify, connect, heard, house, log_in, register, server,
    shake_hands, ticket,
};
use tempfile::TempDir;

const WRONG: &str = "REFUSED the name or the password is wrong\n";

fn answers(guesses: &mut [Tls]) -> Vec<String> {
    guesses.iter_mut().map(|tls| until("an answer", || heard(tls))).collect()
}

/// An address of this host that only `number` has.
fn host(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 9, number)
}

fn resident(server: &Server) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", server.running.pid()));
    let status = status.expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("it has some");
    line.split_whitespace().nth(1).and_then(|size| size.parse().ok()).expect("a number")
}

fn threads(server: &Server) -> usize {
    fs::read_dir(format!("/proc/{}/task", server.running.pid())).expect("it runs").count()
}

// ---- Floods ----

#[test]
fn a_hundred_wrong_logins_at_once_leave_no_memory_behind() {
    const MOST: usize = 60 * 1024; // KiB: a hash takes 19 MiB
    let house = house();
    let server = server(house.path());
    log_in(&server, "ann", "wrong");
    let before = threads(&server);
    let mut guesses: Vec<Tls> = (1..=100)
        .map(|number| begin_from(host(number), &server, &format!("user{number}"), "wrong"))
        .collect();
    let answers = answers(&mut guesses);
    // On a busy machine a handshake of a hundred may take its 10 s.
    let wrong = answers.iter().filter(|answer| *answer == WRONG).count();
    assert!(wrong >= 50, "{wrong} answers: {}", server.running.stderr());
    drop(guesses);
    until("as many threads as before", || (threads(&server) <= before).then_some(()));
    let resident = resident(&server);
    assert!(resident < MOST, "{resident} KiB are resident, with nobody there");
}

#[test]
fn a_right_login_lets_no_two_guesses_begin_together() {
    const LEAST: Duration = Duration::from_millis(3_900); // the fifth begins 4 s after the first
    let house = house();
    let server = server(house.path());
    let start = Instant::now();
    let mut right = begin(&server, "ann", PASSWORD);
    let mut guesses: Vec<Tls> = (0..2).map(|_| begin(&server, "ann", "wrong")).collect();
    let answer = until("the ticket", || heard(&mut right));
    assert!(answer.starts_with("TICKET "), "{answer}");
    guesses.extend((0..3).map(|_| begin(&server, "ann", "wrong")));
    assert!(answers(&mut guesses).iter().all(|answer| answer == WRONG));
    assert!(start.elapsed() >= LEAST, "five guesses began within {:?}", start.elapsed());
}

#[test]
fn who_has_not_logged_in_is_counted_and_one_address_leaves_room_for_others() {
    const MOST_FROM_ONE: usize = 50;
    let house = house();
    let server = server(house.path());
    let mut crowd: Vec<_> = (0..MOST_FROM_ONE + 20)
        .map(|number| match number % 2 {
            0 => connect(behind(server.address)),
            _ => connect(server.address),
        })
        .collect();
    let mut closed = 0;
    until("those that are too many", || {
        crowd.retain_mut(|stream| !matches!(stream.read(&mut [0]), Ok(0)));
        closed = MOST_FROM_ONE + 20 - crowd.len();
        (closed >= 20).then_some(())
    });
    assert!(closed == 20, "{closed} were closed");
    let mut other = begin_from(host(1), &server, "ann", PASSWORD);
    let answer = until("an answer to another address", || heard(&mut other));
    assert!(answer.starts_with("TICKET "), "{answer}");
    drop(crowd);
    until("room for the first address", || {
        let answer = log_in(&server, "bob", PASSWORD);
        answer.starts_with("TICKET ").then_some(())
    });
}

#[test]
fn one_address_does_not_take_the_queue_from_the_others() {
    const GUESSES: usize = 40;
    let house = house();
    let server = server(house.path());
    let mut guesses: Vec<Tls> = (0..GUESSES).map(|_| shake_hands(host(1), &server)).collect();
    let mut ann = shake_hands(Ipv4Addr::LOCALHOST, &server);
    // All have guessed before ann comes, and each hears of it when it happens.
    let guessed = AtomicUsize::new(0);
    let guess = |(number, tls): (usize, &mut Tls)| {
        tls.say(format!("user{number}\nwrong\n").as_bytes());
        let at_once = heard(tls); // this sends it
        guessed.fetch_add(1, Ordering::Relaxed);
        at_once.unwrap_or_else(|| until("an answer", || heard(tls)));
        Instant::now()
    };
    thread::scope(|scope| {
        let guess = &guess;
        let guesses = guesses.iter_mut().enumerate();
        let running: Vec<_> = guesses.map(|it| scope.spawn(move || guess(it))).collect();
        until("all guesses", || (guessed.load(Ordering::Relaxed) == GUESSES).then_some(()));
        ann.say(format!("ann\n{PASSWORD}\n").as_bytes());
        let answer = until("the ticket", || heard(&mut ann));
        let anns = Instant::now();
        assert!(answer.starts_with("TICKET "), "{answer}");
        let times = running.into_iter().map(|thread| thread.join().expect("it was answered"));
        let before = times.filter(|time| *time < anns).count();
        assert!(before < GUESSES, "ann was the last of all");
    });
}

#[test]
fn failed_logins_do_not_fill_a_disk_with_lines() {
    const MOST: usize = 20;
    let house = house();
    let server = server(house.path());
    for _ in 0..100 {
        drop(connect(behind(server.address)));
    }
    server.running.complains("is only counted");
    let mut ann = begin_from(host(1), &server, "ann", PASSWORD);
    let answer = until("an answer to another address", || heard(&mut ann));
    assert!(answer.starts_with("TICKET "), "{answer}");
    // Whether one is let go or not served, since too many are there, is the kernel's timing. On a
    // busy machine this may take more than one minute, with as many lines in each.
    let lines = || server.running.stderr().matches("chatserver_auth: 127.0.0.1:").count();
    until("the lines of one minute", || (lines() >= MOST).then_some(()));
    assert!(lines() < 100, "{}", server.running.stderr());
}

// ---- Files ----

#[test]
fn a_damaged_line_hurts_itself_alone_and_is_named_and_kept() {
    const DAMAGED: &[u8] = b"caf\xe9:$argon2id$\nno colon\na b:$argon2id$x\n\n# a note\n";
    let house = house();
    let file = house.path().join("chat/users");
    let users = fs::read(&file).expect("it is there");
    let before = [DAMAGED, &users, b"the last: without an end"].concat();
    fs::write(&file, &before).expect("ours");
    let ended = register(solution("chatserver_auth"), house.path(), "cid", PASSWORD);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let after = fs::read(&file).expect("it is there");
    assert!(after.starts_with(&[&before[..], b"\ncid:$argon2id$"].concat()), "not as it was");
    let server = server(house.path());
    server.running.complains("chat/users: no NAME:HASH in line 1, 2, 3, 5, 8, which");
    for name in ["ann", "bob", "cid"] {
        ticket(&server, name);
    }
    assert_eq!(log_in(&server, "a b", PASSWORD), WRONG);
}

#[test]
fn what_others_can_read_or_change_is_said_at_the_start() {
    let house = house();
    let chat = house.path().join("chat");
    let mode = |file: &Path, mode| {
        fs::set_permissions(file, Permissions::from_mode(mode)).expect("ours");
    };
    mode(&chat, 0o777);
    mode(&chat.join("users"), 0o644);
    mode(&chat.join("server-key.pem"), 0o660);
    let server = server(house.path());
    for words in [
        "chat: others may change it: run `chmod go-rwx chat`",
        "chat/users: others may read it: run `chmod go-rwx chat/users`",
        "chat/server-key.pem: others may change it: run `chmod go-rwx chat/server-key.pem`",
    ] {
        server.running.complains(words);
    }
    assert!(!server.running.stderr().contains("server.pem: others"));
}

#[test]
fn the_directory_is_made_for_its_owner_alone() {
    for certificate_first in [false, true] {
        let house = TempDir::new().expect("a temporary directory");
        let chat = house.path().join("chat");
        if certificate_first {
            certify(&chat, "127.0.0.1");
        } else {
            register(solution("chatserver_auth"), house.path(), "ann", PASSWORD);
        }
        let mode = fs::metadata(&chat).expect("it was made").permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "certificate first: {certificate_first}");
    }
}

fn starts_not(house: &Path, port: u16) -> Ended {
    let mut program = solution("chatserver_auth");
    Running::start(program.args(["127.0.0.1", &port.to_string()]).current_dir(house)).end()
}

#[test]
fn a_key_of_another_certificate_is_said_at_the_start() {
    let house = house();
    let other = TempDir::new().expect("a temporary directory");
    certify(&other.path().join("chat"), "127.0.0.1");
    let key = other.path().join("chat/server-key.pem");
    fs::copy(key, house.path().join("chat/server-key.pem")).expect("ours");
    let ended = starts_not(house.path(), 0);
    let cause = "chat/server-key.pem does not belong to chat/server.pem (";
    assert!(ended.code == Some(1) && ended.stderr.contains(cause), "{}", ended.stderr);
    assert!(ended.stderr.contains("`make certificate` makes both"), "{}", ended.stderr);
}

#[test]
fn the_port_that_is_in_use_is_named() {
    let house = house();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("it is bound").port();
    for chat in [port, port - 1] {
        let ended = starts_not(house.path(), chat);
        let cause = format!("chatserver_auth: 127.0.0.1:{port}: address in use: ");
        assert!(ended.stderr.contains(&cause), "{}", ended.stderr);
    }
}

// ---- The client ----

/// A client that has typed name and password, and a login that has heard them.
struct Played {
    client: Running,
    login: Tls,
    chat: TcpListener,
    _ca: TempDir,
}

fn played(password: &str) -> Played {
    let ca = TempDir::new().expect("a temporary directory");
    let file = ca.path().join("ca.pem");
    fs::write(&file, certificates::issuer()).expect("room");
    let chat = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = chat.local_addr().expect("it is bound");
    let logins = TcpListener::bind(behind(address)).expect("the port behind it");
    let mut program = solution("chatclient_auth");
    program.args(["127.0.0.1", &own_address().ip().to_string(), &address.port().to_string()]);
    let mut client = Running::start(program.env("CHAT_CA", &file));
    client.types(format!("ann\n{password}\n"));
    let (stream, _) = logins.accept().expect("the client connects");
    stream.set_read_timeout(Some(Duration::from_millis(20))).expect("it is not zero");
    let mut login = Tls::server(stream, Certificate::Fine);
    let lines = format!("ann\n{password}\n");
    until("name and password", || {
        while login.heard.len() < lines.len() {
            login.look()?;
        }
        Some(())
    });
    Played { client, login, chat, _ca: ca }
}

#[test]
fn a_ticket_that_is_empty_or_the_password_is_not_sent_in_clear() {
    for ticket in ["", PASSWORD, &format!("x{PASSWORD}")] {
        let Played { client, mut login, chat, _ca } = played(PASSWORD);
        login.say(format!("TICKET {ticket}\n").as_bytes());
        login.close();
        let ended = client.end();
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert!(ended.stderr.contains("is no ticket"), "{}", ended.stderr);
        assert!(!(ended.stdout + &ended.stderr).contains(PASSWORD));
        chat.set_nonblocking(true).expect("sockets can");
        assert!(chat.accept().is_err(), "it went to the chat");
    }
}

#[test]
fn what_the_server_repeats_is_masked_before_anything_is_cut_off() {
    let Played { client, mut login, .. } = played("SED secret");
    login.say(b"REFUSED secret\n");
    login.close();
    let ended = client.end();
    assert!(ended.code == Some(1) && !ended.stderr.contains("secret"), "{}", ended.stderr);
}

#[test]
fn with_chat_ca_nobody_else_is_trusted() {
    let house = house();
    let other = TempDir::new().expect("a temporary directory");
    certify(&other.path().join("chat"), "127.0.0.1");
    let server = server(house.path());
    let port = server.address.port().to_string();
    let run = |own: &Path, chat_ca: Option<&Path>| {
        let mut program: Command = solution("chatclient_auth");
        program.args(["127.0.0.1", &own_address().ip().to_string(), &port]);
        program.env("SSL_CERT_FILE", own).env_remove("CHAT_CA");
        chat_ca.map(|file| program.env("CHAT_CA", file));
        let mut client = Running::start(&mut program);
        client.types(format!("ann\n{PASSWORD}\n"));
        client.end()
    };
    let [ours, theirs] = [&house, &other].map(|house| house.path().join("chat/ca.pem"));
    let ended = run(&ours, None);
    assert_eq!(ended.code, Some(0), "without it, those that this host trusts: {}", ended.stderr);
    let ended = run(&ours, Some(&theirs));
    let cause = "no TLS, so nothing secret was sent: certificate: ";
    assert!(ended.code == Some(1) && ended.stderr.contains(cause), "{}", ended.stderr);
}

// ---- A screen that nobody reads ----

/// The outputs are pipes: nobody reads them, or they are closed.
#[test]
fn an_output_that_nobody_reads_stops_neither_chat_server() {
    const VISITS: usize = 2000; // a pipe takes the lines of some 1400
    let house = house();
    for closed in [false, true] {
        let mut program = solution("chatserver");
        let address: SocketAddr = own_address();
        program.args([address.ip().to_string(), address.port().to_string()]);
        program.stdin(std::process::Stdio::null());
        program.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = program.current_dir(house.path()).spawn().expect("it is there");
        if closed {
            drop((child.stdout.take(), child.stderr.take()));
        }
        until("a server", || std::net::TcpStream::connect(address).ok());
        let visits = if closed { 10 } else { VISITS };
        for number in 0..visits {
            let mut guest = connect(address);
            std::io::Write::write_all(&mut guest, format!("n{number}").as_bytes())
                .expect("it reads");
            let roster = until("a roster", || {
                let mut piece = [0; 1024];
                guest.read(&mut piece).ok().map(|length| piece[..length].to_vec())
            });
            assert!(roster.starts_with(b"!{"), "closed: {closed}, visit {number}");
        }
        child.kill().and_then(|()| child.wait().map(|_| ())).expect("it runs");
    }
}
