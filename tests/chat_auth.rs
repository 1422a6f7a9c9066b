//! The chat with passwords: our programs with the Python twins, what is on the wire and in the
//! files, and clients of every temper at the login.

mod common;
#[path = "common/login.rs"]
mod login;

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::{PATIENCE, Running, Server, own_address, skip, solution, twin, until, works};
use lab::smtp;
use lab::tls::Tls;
use login::{
    PASSWORD, begin, behind, certify, connect, heard, house, log_in, register, server, ticket,
};
use tempfile::TempDir;

/// In a network with twenty ports to choose from, most of which have a neighbour that is taken.
#[test]
fn a_port_of_the_kernel_s_choice_has_a_free_one_beside_it() {
    const RANGE: &str = "/proc/sys/net/ipv4/ip_local_port_range";
    const FREE: u16 = 40_002; // in the lower half, where the kernel looks first
    solution("chatserver_auth"); // built out here
    if lab::network::enter().is_err() || fs::write(RANGE, "40000 40019").is_err() {
        return skip("no private network can be made here");
    }
    let house = house();
    let taken = |port| TcpListener::bind(("127.0.0.1", port)).expect("nobody else is here");
    let _taken: Vec<TcpListener> =
        (40_000..40_020).step_by(2).filter(|port| *port != FREE).map(taken).collect();
    for _ in 0..5 {
        let server = server(house.path());
        assert_eq!(server.address.port(), FREE, "the only pair");
    }
}

/// Comes to the chat with this line, and gives back what is sent up to a `}` or the end.
fn come(server: &Server, line: &str) -> (TcpStream, String) {
    let mut stream = connect(server.address);
    stream.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
    stream.write_all(line.as_bytes()).expect("the server reads");
    let mut told = Vec::new();
    let mut byte = [0];
    while !told.ends_with(b"}") && stream.read(&mut byte).is_ok_and(|length| length > 0) {
        told.extend(byte);
    }
    (stream, String::from_utf8_lossy(&told).into_owned())
}

fn refused(told: &str) -> bool {
    told.starts_with("Your name is refused: ") && told.lines().count() == 1
}

// ---- Together with the Python ----

/// An address of our own whose next port is ours, too.
fn two_ports() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(30_000);
    (own_address().ip(), NEXT.fetch_add(2, Ordering::Relaxed)).into()
}

/// A client program that has typed its name and password.
fn chatter(mut command: Command, server: SocketAddr, host: u8, ca: &Path, name: &str) -> Running {
    let own =
        Ipv4Addr::from(u32::from(Ipv4Addr::new(127, host, 0, 0)) + std::process::id() % 0x1_0000);
    command.args([server.ip().to_string(), own.to_string(), server.port().to_string()]);
    let mut running = Running::start(command.env("CHAT_CA", ca).env("PYTHONUNBUFFERED", "1"));
    running.types(format!("{name}\n{PASSWORD}\n"));
    running
}

#[test]
fn our_clients_and_the_python_s_log_in_at_our_server_and_at_the_python_s() {
    for of_server in [Some(solution("chatserver_auth")), twin("chatserver_auth")] {
        let Some(mut program) = of_server else { continue };
        let house = TempDir::new().expect("a temporary directory");
        let address = two_ports();
        let chat = house.path().join("chat");
        certify(&chat, &address.ip().to_string());
        for name in ["z\u{f8}e", "bob"] {
            let again = || match program.get_program() == "python3" {
                true => twin("chatserver_auth").expect("it was there a moment ago"),
                false => solution("chatserver_auth"),
            };
            let ended = register(again(), house.path(), name, PASSWORD);
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        }
        program.current_dir(house.path());
        let server = Server::at(address, program);
        let ca = chat.join("ca.pem");
        let ours = chatter(solution("chatclient_auth"), address, 71, &ca, "z\u{f8}e");
        until("the banner", || ours.stdout().contains("Connection Established!").then_some(()));
        let theirs = twin("chatclient_auth").unwrap_or_else(|| solution("chatclient_auth"));
        let theirs = chatter(theirs, address, 72, &ca, "bob");
        let mut pair = [ours, theirs];
        for client in &mut pair {
            until("both in the roster", || {
                client.types("#ls\n");
                let shown = client.stdout();
                (shown.contains("z\u{f8}e") && shown.contains("bob")).then_some(())
            });
        }
        for (speaker, name) in [(0, "z\u{f8}e"), (1, "bob")] {
            pair[speaker].types(format!("hei fra {name}\n"));
            let told = format!("incoming msg from chatserver ({name}: hei fra {name} ");
            until(&told, || pair[1 - speaker].stdout().contains(&told).then_some(()));
        }
        drop(pair);
        drop(server);
    }
}

// ---- Secrets ----

/// Stands between client and server, and keeps what goes by.
fn listen_in(from: SocketAddr, to: SocketAddr, seen: &Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind(from).expect("it is free");
    let seen = Arc::clone(seen);
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = TcpStream::connect(to).expect("it listens");
            for (from, to) in [(&client, &server), (&server, &client)] {
                let (mut from, mut to) =
                    (from.try_clone().expect("one more"), to.try_clone().expect("one more"));
                let seen = Arc::clone(&seen);
                thread::spawn(move || {
                    let mut piece = [0; 4096];
                    while let Ok(length @ 1..) = from.read(&mut piece) {
                        seen.lock().expect("nobody panics with it").extend(&piece[..length]);
                        let _ = to.write_all(&piece[..length]); // it may have gone
                    }
                    let _ = to.shutdown(Shutdown::Write); // it may have gone
                });
            }
        }
    });
}

#[test]
fn the_password_is_in_no_byte_on_the_wire_in_no_output_and_in_no_file() {
    let house = TempDir::new().expect("a temporary directory");
    let chat = house.path().join("chat");
    let (inside, outside) = (two_ports(), two_ports());
    certify(&chat, &outside.ip().to_string());
    let registered = register(solution("chatserver_auth"), house.path(), "ann", PASSWORD);
    let mut program = solution("chatserver_auth");
    program.current_dir(house.path());
    let server = Server::at(inside, program);
    let seen = Arc::default();
    listen_in(outside, inside, &seen);
    listen_in(behind(outside), behind(inside), &seen);
    let ca = chat.join("ca.pem");
    let wrong = "not the passw\u{f6}rd";
    let mut mistaken = solution("chatclient_auth");
    mistaken.args([outside.ip().to_string(), outside.ip().to_string(), outside.port().to_string()]);
    let mut mistaken = Running::start(mistaken.env("CHAT_CA", &ca));
    mistaken.types(format!("ann\n{wrong}\n"));
    let mistaken = mistaken.end();
    assert_eq!(mistaken.code, Some(1));
    assert!(mistaken.stdout.ends_with("could not connect to chat server...\n"));
    let why = "the server refuses the login: the name or the password is wrong\n";
    assert!(mistaken.stderr.ends_with(why), "{}", mistaken.stderr);
    let client = chatter(solution("chatclient_auth"), outside, 73, &ca, "ann");
    until("the chat", || server.running.stdout().contains("ann with IP address").then_some(()));
    let client = client.end();
    assert_eq!(client.code, Some(0), "{}", client.stderr);
    let seen = seen.lock().expect("nobody panics with it").clone();
    let text = String::from_utf8_lossy(&seen);
    let ticket = text.split("\nann ").nth(1).or(text.split("ann ").nth(1));
    let ticket = ticket.and_then(|rest| rest.lines().next()).expect("it goes by in clear");
    assert!(ticket.len() >= 22, "{ticket:?}");
    let users = fs::read(chat.join("users")).expect("it is there");
    let outputs = [
        ("the wire", seen.as_slice()),
        ("the users", &users),
        ("the registration", (registered.stdout + &registered.stderr).as_bytes()),
        ("the server", (server.running.stdout() + &server.running.stderr()).as_bytes()),
        ("the client", (client.stdout + &client.stderr).as_bytes()),
        ("the mistaken client", (mistaken.stdout + &mistaken.stderr).as_bytes()),
    ]
    .map(|(place, bytes)| (place, bytes.to_vec()));
    for (place, bytes) in outputs {
        for secret in [PASSWORD, wrong] {
            assert!(!smtp::shows(&bytes, &smtp::forms("ann", secret)), "{secret} is in {place}");
        }
        let shown = place != "the wire" && smtp::shows(&bytes, &[ticket.as_bytes().to_vec()]);
        assert!(!shown, "the ticket is in {place}");
    }
}

#[test]
fn files_have_the_modes_that_their_secrets_need_and_nothing_is_overwritten() {
    let house = TempDir::new().expect("a temporary directory");
    let chat = house.path().join("chat");
    certify(&chat, "chat.example.com");
    let mode = |file: &str| fs::metadata(chat.join(file)).expect(file).permissions().mode() & 0o777;
    let read = |file: &str| fs::read_to_string(chat.join(file)).expect(file);
    let first = ["ca.pem", "server.pem", "server-key.pem"].map(read);
    let said = certify(&chat, "chat.example.com").stdout;
    assert_eq!(said.matches("kept ").count(), 3, "{said}");
    let kept =
        ["ca.pem", "server.pem", "server-key.pem"].map(|file| read(&format!("{file}.kept-1")));
    assert_eq!(first, kept);
    assert_ne!(read("server-key.pem"), first[2]);
    register(solution("chatserver_auth"), house.path(), "ann", PASSWORD);
    for file in ["server-key.pem", "server-key.pem.kept-1", "users"] {
        assert_eq!(mode(file), 0o600, "{file}");
    }
    // Somebody's umask or chmod does not come back with the next user.
    fs::set_permissions(chat.join("users"), Permissions::from_mode(0o644)).expect("ours");
    register(solution("chatserver_auth"), house.path(), "bob", PASSWORD);
    assert_eq!(mode("users"), 0o600);
    let entries = fs::read_dir(&chat).expect("ours").flatten();
    let half: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    assert!(!half.iter().any(|path| path.display().to_string().contains("half")), "{half:?}");
}

// ---- register ----

#[test]
fn register_refuses_what_cannot_be_and_changes_nothing_then() {
    let house = house();
    let file = house.path().join("chat/users");
    let before = fs::read_to_string(&file).expect("it is there");
    for (name, password, cause) in [
        ("ann", PASSWORD, "ann: somebody of this name is registered"),
        ("a b", PASSWORD, "a name is UTF-8 without white space, control characters, :"),
        ("a:b", PASSWORD, "a name is UTF-8 without white space, control characters, :"),
        ("!a", PASSWORD, "and ! in front"),
        ("", PASSWORD, "a name has 1 to 32 bytes"),
        ("cid", "7 bytes", "cid: a password has 8 to 512 bytes"),
        ("cid", "", "cid: a password has 8 to 512 bytes"),
    ] {
        let ended = register(solution("chatserver_auth"), house.path(), name, password);
        assert!(ended.stderr.contains(cause), "{name:?}: {}", ended.stderr);
        assert_eq!(ended.code, Some(1));
    }
    let mut program = solution("chatserver_auth");
    let mut typed = Running::start(program.args(["register", "cid"]).current_dir(house.path()));
    typed.types("one password\nanother one\n");
    let ended = typed.end();
    assert_eq!(ended.stderr, "chatserver_auth: cid: these were two different passwords\n");
    assert_eq!(fs::read_to_string(&file).expect("it is there"), before);
    // One who was interrupted leaves this behind.
    fs::write(house.path().join("chat/users.new"), "").expect("room");
    let ended = register(solution("chatserver_auth"), house.path(), "cid", PASSWORD);
    let cause = "chat/users.new: File exists (os error 17): somebody is being registered right \
                 now; if not, remove this file";
    assert!(ended.stderr.contains(cause), "{}", ended.stderr);
}

#[test]
fn who_registers_at_the_same_time_is_registered_or_told() {
    let house = house();
    let names: Vec<String> = (0..10).map(|number| format!("user{number}")).collect();
    let together = Barrier::new(names.len());
    let registered: Vec<&String> = thread::scope(|scope| {
        let running: Vec<_> = names
            .iter()
            .map(|name| {
                let (together, house) = (&together, house.path());
                scope.spawn(move || {
                    together.wait();
                    let ended = register(solution("chatserver_auth"), house, name, PASSWORD);
                    (ended.code == Some(0)).then_some(name)
                })
            })
            .collect();
        running.into_iter().filter_map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(!registered.is_empty());
    let users = fs::read_to_string(house.path().join("chat/users")).expect("it is there");
    assert_eq!(users.lines().count(), 2 + registered.len(), "{users}");
    assert!(registered.iter().all(|name| users.contains(&format!("{name}:$argon2id$"))), "{users}");
}

// ---- The login ----

#[test]
fn a_login_that_is_stuck_stops_nobody_and_is_ended_after_10_s() {
    let house = house();
    let server = server(house.path());
    let start = Instant::now();
    let mut silent: Vec<TcpStream> = (0..20).map(|_| connect(behind(server.address))).collect();
    let mut half = Tls::client(connect(behind(server.address)), server.address.ip());
    half.say(b"ann\n");
    let mut slow = connect(server.address);
    slow.write_all(b"ann ").expect("the server reads");
    let (_bob, roster) = come(&server, &format!("bob {}\n", ticket(&server, "bob")));
    assert!(roster.starts_with("!{\"bob\""), "{roster}");
    let open = |stream: &mut TcpStream| !matches!(stream.read(&mut [0]), Ok(0));
    assert!(silent.iter_mut().all(open), "bob was let in only when they were gone");
    // A byte now and then does not make it longer.
    let ended = |stream: &mut TcpStream| {
        let _ = stream.write_all(b"x"); // it may have been closed
        matches!(stream.read(&mut [0]), Ok(0)) || stream.take_error().is_ok_and(|e| e.is_some())
    };
    until("the end of the silent", || {
        silent.retain_mut(|stream| !matches!(stream.read(&mut [0]), Ok(0)));
        silent.is_empty().then_some(())
    });
    until("the end of the half-said", || heard(&mut half));
    until("the end of the slow", || ended(&mut slow).then_some(()));
    assert!(start.elapsed() >= Duration::from_secs(9), "{:?}", start.elapsed());
}

#[test]
fn a_line_without_end_is_not_listened_to() {
    let house = house();
    let server = server(house.path());
    let mut tls = Tls::client(connect(behind(server.address)), server.address.ip());
    tls.say(&[b'x'; 2000]);
    assert_eq!(until("its end", || heard(&mut tls)), "");
    server.running.complains("a line of over 1024 bytes");
    let (_, told) = come(&server, &"x".repeat(2000));
    assert_eq!(told, "");
    let answer = log_in(&server, &"\u{e9}".repeat(400), PASSWORD);
    assert_eq!(answer, "REFUSED the name or the password is wrong\n");
}

#[test]
fn a_ticket_lets_one_in_of_many_who_come_with_it_at_once() {
    let house = house();
    let server = server(house.path());
    for _ in 0..10 {
        let line = format!("ann {}\n", ticket(&server, "ann"));
        let together = Barrier::new(8);
        let told: Vec<(TcpStream, String)> = thread::scope(|scope| {
            let comers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        together.wait();
                        come(&server, &line)
                    })
                })
                .collect();
            comers.into_iter().map(|comer| comer.join().expect("no panic")).collect()
        });
        let inside = told.iter().filter(|(_, told)| told.starts_with("!{\"ann\"")).count();
        let outside = told.iter().filter(|(_, told)| refused(told)).count();
        assert_eq!((inside, outside), (1, 7), "{told:?}");
        drop(told);
        let gone = || refused(&come(&server, "ann \n").1).then_some(());
        until("an empty room", gone);
    }
}

#[test]
fn a_flood_of_guesses_is_slowed_and_another_user_is_served_at_once() {
    const GUESSES: usize = 40;
    let house = house();
    let server = server(house.path());
    let pid = server.running.pid();
    let threads = || fs::read_dir(format!("/proc/{pid}/task")).expect("it runs").count();
    let before = threads();
    let start = Instant::now();
    let mut guesses: Vec<Tls> =
        (0..GUESSES).map(|number| begin(&server, "ann", &format!("guess {number}"))).collect();
    let mut answers = vec![None; GUESSES];
    let mut look = |guesses: &mut Vec<Tls>| {
        for (answer, tls) in answers.iter_mut().zip(guesses) {
            if answer.is_none() {
                *answer = heard(tls);
            }
        }
        let with =
            |word: &str| answers.iter().flatten().filter(|answer| answer.contains(word)).count();
        (with("too many guesses"), with("is wrong"))
    };
    // All are heard: some are told to come later, and the rest waits.
    until("refusals", || (look(&mut guesses).0 >= GUESSES - 8).then_some(()));
    ticket(&server, "bob");
    let (_, tried) = look(&mut guesses);
    let waiting = look(&mut guesses);
    assert!(waiting.0 + waiting.1 < GUESSES, "all guesses were answered before bob: {tried}");
    until("the last answer", || {
        let (many, wrong) = look(&mut guesses);
        (many + wrong == GUESSES).then_some(())
    });
    let (many, wrong) = look(&mut guesses);
    let seconds = start.elapsed().as_secs_f64();
    assert!(wrong as f64 <= seconds + 1.0, "{wrong} guesses in {seconds} s, {many} refused");
    ticket(&server, "ann");
    until("no more threads than before", || (threads() <= before).then_some(()));
}

#[test]
fn nobody_learns_from_the_answer_who_is_registered() {
    let house = house();
    let server = server(house.path());
    let wrong = "REFUSED the name or the password is wrong\n";
    for (name, password) in
        [("ann", "wrong"), ("ann", ""), ("nobody", PASSWORD), ("", ""), ("!", "x")]
    {
        assert_eq!(log_in(&server, name, password), wrong, "{name:?}");
    }
    let users = fs::read_to_string(house.path().join("chat/users")).expect("it is there");
    let hash = users.lines().next().and_then(|line| line.split_once(':')).expect("a line").1;
    assert_eq!(log_in(&server, "ann", hash), wrong);
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
}

#[test]
fn a_new_user_is_let_in_without_a_new_start_and_what_follows_the_ticket_is_chat() {
    let house = house();
    let server = server(house.path());
    assert!(log_in(&server, "cid", PASSWORD).starts_with("REFUSED"));
    register(solution("chatserver_auth"), house.path(), "cid", PASSWORD);
    let (mut bob, _) = come(&server, &format!("bob {}\n", ticket(&server, "bob")));
    // In one piece, as TCP may bring it.
    let (_cid, _) = come(&server, &format!("cid {}\r\nhello, bob", ticket(&server, "cid")));
    let mut told = String::new();
    let mut byte = [0];
    while !told.ends_with("cid: hello, bob \n") {
        bob.read_exact(&mut byte).expect("the message comes");
        told.push(char::from(byte[0]));
    }
    let (_, twice) = come(&server, &format!("bob {}\n", ticket(&server, "bob")));
    assert_eq!(twice, "Your name is refused: somebody has it\n");
}

#[test]
fn the_server_names_the_remedy_where_something_is_missing() {
    let empty = TempDir::new().expect("a temporary directory");
    let run = |arguments: &[&str]| {
        let mut program = solution("chatserver_auth");
        Running::start(program.args(arguments).current_dir(empty.path())).end()
    };
    let ended = run(&["127.0.0.1", "0"]);
    let cause = "chatserver_auth: 127.0.0.1:0: chat/server.pem: No such file or directory (os \
                 error 2): `make certificate` makes one\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), cause));
    const USAGE: &str =
        "usage: chatserver_auth [ADDRESS [PORT]]\n       chatserver_auth register NAME\n";
    for (arguments, cause) in [
        (&["a", "65535"][..], "\"65535\" is not a port: a number from 0 to 65534 is expected"),
        (&["a", "b"], "\"b\" is not a port: a number from 0 to 65534 is expected"),
        (&["a", "1", "c"], "only ADDRESS and PORT are expected, not \"c\""),
        (&["--loud"], "there is no option \"--loud\""),
        (&["register"], "register takes one NAME"),
        (&["register", "a", "b"], "register takes one NAME"),
    ] {
        let ended = run(arguments);
        let expected = format!("chatserver_auth: {cause}\n{USAGE}");
        assert_eq!((ended.code, ended.stderr), (Some(2), expected));
    }
    let ended = run(&["-h"]);
    assert!(ended.code == Some(0) && ended.stdout.starts_with(USAGE), "{}", ended.stdout);

    let house = house();
    let first = server(house.path());
    let (ip, port) = (first.address.ip().to_string(), first.address.port());
    for port in [port, port - 1] {
        // The chat's port is taken, and then the login's.
        let mut program = solution("chatserver_auth");
        program.args([&ip, &port.to_string()]).current_dir(house.path());
        let ended = Running::start(&mut program).end();
        assert!(ended.stderr.contains("address in use"), "{}", ended.stderr);
        assert_eq!(ended.code, Some(1));
    }
    first.running.interrupt();
    let ended = first.running.end();
    assert!(ended.stdout.ends_with("\nInterrupted: the server is closed\n"), "{}", ended.stdout);
}

// ---- The client ----

#[test]
fn the_client_says_what_is_wrong() {
    let run = |arguments: &[&str], ca: &str| {
        let mut program = solution("chatclient_auth");
        let mut client = Running::start(program.args(arguments).env("CHAT_CA", ca));
        client.types(format!("ann\n{PASSWORD}\n"));
        client.end()
    };
    let ended = run(&["127.0.0.1"], "/nowhere/ca.pem");
    let cause =
        "chatclient_auth: CHAT_CA: /nowhere/ca.pem: No such file or directory (os error 2)\n";
    assert!(ended.code == Some(2) && ended.stderr.starts_with(cause), "{}", ended.stderr);
    let ended = run(&["127.0.0.1"], "/dev/null");
    let cause = "chatclient_auth: CHAT_CA: there is no certificate in \"/dev/null\"\n";
    assert!(ended.code == Some(2) && ended.stderr.starts_with(cause), "{}", ended.stderr);

    // A server with a certificate of somebody else's.
    let house = house();
    let chat = house.path().join("chat");
    let other = TempDir::new().expect("a temporary directory");
    certify(&other.path().join("chat"), "127.0.0.1");
    let server = server(house.path());
    let port = server.address.port().to_string();
    let ca = other.path().join("chat/ca.pem").display().to_string();
    let ended = run(&["127.0.0.1", "127.0.0.1", &port], &ca);
    assert_eq!(
        (ended.code, ended.stderr.contains("no TLS, so nothing secret was sent: certificate: ")),
        (Some(1), true),
        "{}",
        ended.stderr
    );
    // The right issuer, but another name than the certificate's.
    let ca = chat.join("ca.pem").display().to_string();
    let ended = run(&["127.0.0.2", "127.0.0.1", &port], &ca);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);

    const USAGE: &str = "usage: chatclient_auth [SERVER [CLIENT_IP [PORT]]]\n";
    for (arguments, cause) in [
        (&["a", "b", "65535"][..], "\"65535\" is not a port: a number from 0 to 65534 is expected"),
        (&["a", "b", "1", "d"], "only SERVER, CLIENT_IP and PORT are expected, not \"d\""),
        (&["--loud"], "there is no option \"--loud\""),
    ] {
        let ended = run(arguments, &ca);
        assert_eq!(
            (ended.code, ended.stderr),
            (Some(2), format!("chatclient_auth: {cause}\n{USAGE}"))
        );
    }
    let ended = run(&["-h"], &ca);
    assert!(ended.code == Some(0) && ended.stdout.starts_with(USAGE), "{}", ended.stdout);
    assert!(ended.stdout.contains("CHAT_CA"), "{}", ended.stdout);
}

/// A program at a terminal, and what is to be run then.
fn at_a_terminal(house: &Path, line: &str) -> Option<Running> {
    if !works("script", &["--version"]) {
        skip("script is missing, which makes terminals");
        return None;
    }
    let programs = solution("chatserver_auth");
    let programs = Path::new(programs.get_program()).parent().expect("a directory");
    let line = format!("trap : INT; {}/{line}", programs.display());
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(house);
    script.env("CHAT_CA", "chat/ca.pem").env("SHELL", "/bin/sh");
    Some(Running::start(&mut script))
}

#[test]
fn no_terminal_shows_the_password_that_is_typed() {
    let house = house();
    let server = server(house.path());
    let port = server.address.port();
    let registers = "chatserver_auth register cid; stty -a".to_owned();
    let chats = format!("chatclient_auth 127.0.0.1 127.0.0.1 {port}; stty -a");
    for (line, prompts) in [
        (registers, [("Password: ", "hush, hush"), ("Once more: ", "hush, hush")]),
        (chats, [("register it in the server: ", "cid"), ("Password: ", "hush, hush")]),
    ] {
        let Some(mut program) = at_a_terminal(house.path(), &line) else { return };
        for (prompt, typed) in prompts {
            until(prompt, || program.stdout().contains(prompt).then_some(()));
            program.types(format!("{typed}\n"));
        }
        if line.contains("chatclient") {
            until("the chat", || program.stdout().contains("Established").then_some(()));
            program.types("\x04");
        }
        let shown = program.end().stdout;
        assert!(!shown.contains("hush"), "{shown}");
        assert!(shown.contains(" echo ") && !shown.contains("-echo "), "{shown}");
    }
}

#[test]
fn ctrl_c_at_the_password_leaves_a_terminal_that_shows_what_is_typed() {
    let house = house();
    let Some(mut program) = at_a_terminal(house.path(), "chatserver_auth register cid; stty -a")
    else {
        return;
    };
    until("the prompt", || program.stdout().contains("Password: ").then_some(()));
    program.types("hu\x03");
    let shown = program.end().stdout;
    assert!(shown.contains(" echo ") && !shown.contains("-echo "), "{shown}");
    assert!(!fs::read_to_string(house.path().join("chat/users")).expect("there").contains("cid"));
}
