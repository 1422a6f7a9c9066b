//! lib.rs: what it does for every program on a bad day, and that no change to it changes a verdict.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{PipeWriter, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsFd;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use common::{Ended, Running, Server, Tree, client, root, solution, start, until};
use lab::LABS;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::{Signal, kill};
use socket2::SockRef;

const LIBRARY: &str = "skeletons/lib.rs";

#[track_caller]
fn assert_says(ended: &Ended, code: i32, words: &str) {
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert_eq!(ended.code, Some(code), "{said}");
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(one_line(&said).contains(&one_line(words)), "{words}?\n{said}");
}

// ---- The file ----

#[test]
fn it_is_short_and_cannot_panic() {
    let text = fs::read_to_string(root().join("src/lib.rs")).expect("it is there");
    assert!(text.lines().count() <= 250, "at most 250 lines, so that a student can read it");
    for word in [".unwrap()", ".expect(", "panic!", "println!", "print!(", "todo!", "assert"] {
        let line = text.lines().find(|line| line.contains(word) && !line.contains("///"));
        assert_eq!(line, None, "a panic in lib.rs would be blamed on nobody's gap");
    }
}

#[test]
fn no_program_is_longer_than_can_be_read_in_one_sitting() {
    let limits = [
        (70, &["udpserver", "udpclient"][..]),
        (65, &["tcpclient"]),
        (80, &["tcpserver"]),
        (100, &["timeclient", "tcpclient_rtt", "udpclient_rtt", "pingserver"]),
        (140, &["timeserver", "pingclient"]),
        (250, &["webserver"]),
        (280, &["chatserver"]),
        (380, &["chatclient"]),
        (401, &["chatclient_auth"]),
        (520, &["mailclient"]),
        (817, &["chatserver_auth"]),
    ];
    let most: BTreeMap<&str, usize> =
        limits.iter().flat_map(|(most, names)| names.iter().map(|name| (*name, *most))).collect();
    assert_eq!(most.len(), LABS.len());
    for lab in LABS {
        let text = fs::read_to_string(root().join(lab::annotated(lab.name))).expect("it is there");
        let (lines, most) = (text.lines().count(), most[lab.name]);
        assert!(lines <= most, "{} has {lines} lines, and {most} are enough", lab.name);
    }
}

#[test]
fn whatever_a_student_does_to_his_changes_no_verdict_and_is_named() {
    let tree = Tree::new();
    tree.solve("udpserver");
    let pristine = tree.read(LIBRARY);
    let line = tree.line(LIBRARY, "pub fn arguments");
    let broken = pristine.replace("pub fn arguments", "pub fm arguments");
    tree.write(LIBRARY, &broken);
    let ended = tree.lab(&["check", "udpserver"]);
    assert_says(&ended, 0, "9 of 9 checks passed, 10 of 10 points");
    assert_says(
        &ended,
        0,
        &format!("! {LIBRARY}:{line} is changed, which `make run` sees, and no"),
    );
    assert_says(&tree.lab(&["diff", "lib"]), 0, "+ pub fm arguments");
    fs::remove_file(tree.path(LIBRARY)).expect("it is there");
    let ended = tree.lab(&["check", "udpserver"]);
    assert_says(&ended, 0, &format!("! {LIBRARY} is missing; checks use their own"));
    assert_says(&tree.lab(&["reset", "lib"]), 0, "was missing; it is as it was handed out now");
    assert_eq!(tree.read(LIBRARY), pristine);
    tree.write(LIBRARY, &pristine.replace('\n', "\r\n"));
    let ended = tree.lab(&["check", "udpserver"]);
    assert!(!ended.stdout.contains("lib.rs"), "{}", ended.stdout);
}

#[test]
fn a_gap_that_leans_on_a_changed_library_does_not_compile() {
    let tree = Tree::new();
    let pristine = tree.read(LIBRARY);
    tree.write(LIBRARY, &format!("{pristine}\npub fn all() {{}}\n"));
    tree.answer("udpserver", "bind", "    let server_socket: UdpSocket = socket_labs::all();");
    let ended = tree.lab(&["check", "udpserver"]);
    assert_says(&ended, 1, "does not compile, in gap bind");
    assert_says(&ended, 1, "is changed, which `make run` sees, and no check");
}

// ---- Signals ----

#[test]
fn ctrl_c_while_a_client_is_silent_says_one_line() {
    for name in ["tcpserver", "timeserver"] {
        for _ in 0..5 {
            let server = Server::start(name);
            let _client = TcpStream::connect(server.address).expect("it listens");
            // When it has accepted, it waits in `recv` with a timeout, or is about to.
            until("an accepted client", || in_use(server.address).then_some(()));
            server.running.interrupt();
            let ended = server.running.end();
            assert_eq!(ended.stderr.lines().count(), 1, "the chosen port alone: {}", ended.stderr);
            let all = "The server is ready to receive\n\nInterrupted: the server is closed\n";
            assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), all), "{name}");
        }
    }
}

/// Whether a server's process has a connection: what it accepted is no longer in the queue.
fn in_use(server: SocketAddr) -> bool {
    let table = fs::read_to_string("/proc/net/tcp").expect("Linux");
    let port = format!(":{:04X} ", server.port());
    // Of a listening socket, the receive queue is the number of clients that wait for `accept`.
    let mut lines = table.lines().filter(|line| line.contains(&port) && line.contains(" 0A "));
    lines.any(|line| line.contains("00000000:00000000"))
}

#[test]
fn ctrl_z_and_fg_end_no_wait_with_a_timeout() {
    let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a port");
    for name in ["udpclient", "udpclient_rtt"] {
        let mut client = client(name, server.local_addr().expect("it is bound"));
        client.types("carpe diem\n");
        let mut buffer = [0; 64];
        let (_, address) = server.recv_from(&mut buffer).expect("it sends");
        stop_and_go_on(&client);
        server.send_to(b"CARPE DIEM", address).expect("it waits");
        assert_says(&client.end(), 0, "CARPE DIEM");
    }
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a port");
    for name in ["tcpclient", "tcpclient_rtt"] {
        let mut client = client(name, server.local_addr().expect("it is bound"));
        client.types("carpe diem\n");
        let (mut connection, _) = server.accept().expect("it connects");
        let _ = connection.read(&mut [0; 64]).expect("it sends");
        stop_and_go_on(&client);
        connection.write_all(b"CARPE DIEM").expect("it waits");
        assert_says(&client.end(), 0, "CARPE DIEM");
    }
}

#[test]
fn pings_are_all_sent_though_ctrl_z_comes_between() {
    let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a port");
    let client = client("pingclient", server.local_addr().expect("it is bound"));
    server.recv_from(&mut [0; 64]).expect("it sends");
    stop_and_go_on(&client);
    let ended = client.end();
    assert_says(&ended, 0, "10 packets transmitted, 0 received, 100% packet loss");
    assert_eq!(ended.stderr, "");
}

/// Ctrl-Z, and `fg`.
fn stop_and_go_on(program: &Running) {
    let stat = format!("/proc/{}/stat", program.pid());
    let state = |wanted: &str| {
        until("another state", || {
            let stat = fs::read_to_string(&stat).expect("it has not ended");
            let (_, after) = stat.rsplit_once(") ").expect("proc(5)");
            after.starts_with(wanted).then_some(())
        });
    };
    state("S"); // it sleeps, in a wait
    kill(program.pid(), Signal::SIGSTOP).expect("it has not ended");
    state("T");
    kill(program.pid(), Signal::SIGCONT).expect("it has not ended");
    state("S");
}

// ---- Errors ----

#[test]
fn a_name_that_is_not_found_is_told_with_what_to_do_next() {
    let words = "no host of this name is found: check its spelling, or give an IP address";
    for name in ["udpclient", "tcpclient", "udpclient_rtt", "tcpclient_rtt", "timeclient"] {
        let mut client = start(name, &["no-such-host.invalid", "12000"]);
        client.types("carpe diem\n");
        assert_says(&client.end(), 1, &format!("{name}: no-such-host.invalid:12000: {words}"));
    }
    for name in ["pingclient", "udpserver", "tcpserver", "timeserver", "pingserver"] {
        let ended = start(name, &["no-such-host.invalid", "12000"]).end();
        assert_says(&ended, 1, &format!("{name}: no-such-host.invalid:12000: {words}"));
    }
}

#[test]
fn a_stderr_that_nobody_reads_holds_nobody_up() {
    let (_reader, mut writer) = std::io::pipe().expect("there are descriptors");
    fill(&mut writer);
    let address = common::own_address();
    let mut command = solution("tcpserver");
    command.args([address.ip().to_string(), address.port().to_string()]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(writer);
    let mut server = command.spawn().expect("it is built");
    let begin = Instant::now();
    until("a server that listens", || TcpStream::connect(address).ok());
    for _ in 0..3 {
        let reset = TcpStream::connect(address).expect("it listens");
        SockRef::from(&reset).set_linger(Some(Duration::ZERO)).expect("it is a socket");
    }
    let mut client = TcpStream::connect(address).expect("it listens");
    client.write_all(b"carpe diem").expect("it is connected");
    let mut reply = String::new();
    client.read_to_string(&mut reply).expect("it is answered");
    assert_eq!(reply, "CARPE DIEM");
    kill(nix::unistd::Pid::from_raw(server.id().cast_signed()), Signal::SIGINT).expect("it runs");
    let status = server.wait().expect("it is our child");
    assert_eq!(status.code(), Some(0));
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
}

/// Fills a pipe that nobody reads.
fn fill(writer: &mut PipeWriter) {
    let flags = |flags| fcntl(writer.as_fd(), FcntlArg::F_SETFL(flags)).expect("it is a pipe");
    flags(OFlag::O_NONBLOCK);
    let mut writer_again = writer.try_clone().expect("there are descriptors");
    while writer_again.write(&[b'x'; 4096]).is_ok() {}
    while writer_again.write(b"x").is_ok() {}
    flags(OFlag::empty());
}

#[test]
fn a_stdout_that_is_closed_ends_no_server() {
    let (reader, writer) = std::io::pipe().expect("there are descriptors");
    drop(reader);
    let address = common::own_address();
    let mut command = solution("udpserver");
    command.args([address.ip().to_string(), address.port().to_string()]);
    let (_errors, errors) = std::io::pipe().expect("there are descriptors");
    command.stdin(Stdio::null()).stdout(writer).stderr(errors);
    let mut server = command.spawn().expect("it is built");
    let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a port");
    client.set_read_timeout(Some(Duration::from_millis(100))).expect("it is not zero");
    let mut buffer = [0; 64];
    until("a reply", || {
        client.send_to(b"carpe diem", address).expect("the loopback takes it");
        thread::yield_now();
        client.recv_from(&mut buffer).ok()
    });
    server.kill().expect("it has not ended");
    server.wait().expect("it is our child");
}
