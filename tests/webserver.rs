//! The web server of solutions/: what is served, what a client may take time for, and the same pages
//! from its Python twin.

mod common;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use common::{PATIENCE, Running, Server, own_address, root, skip, solution, twin, until, works};

/// What `make run LAB=webserver` serves, and how a browser is told what it is.
const SITE: [(&str, &str); 4] = [
    ("index.html", "text/html; charset=utf-8"),
    ("style.css", "text/css; charset=utf-8"),
    ("hello.txt", "text/plain; charset=utf-8"),
    ("handshake.png", "image/png"),
];

fn server_of(directory: &Path) -> Server {
    let mut command = solution("webserver");
    command.current_dir(directory);
    Server::at(own_address(), command)
}

fn www() -> Server {
    server_of(&root().join("www"))
}

fn connect(server: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(server).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
    stream
}

/// Sends a request and reads the answer to its end: the header and the content.
fn ask(server: SocketAddr, request: &str) -> (String, Vec<u8>) {
    let mut stream = connect(server);
    stream.write_all(request.as_bytes()).expect("the server reads");
    answer(&mut stream)
}

fn answer(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an answer and an end");
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("an empty line");
    let content = bytes.split_off(end + 4);
    (String::from_utf8(bytes).expect("a header is text"), content)
}

fn get(server: SocketAddr, path: &str) -> (String, Vec<u8>) {
    ask(server, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
}

#[test]
fn the_site_is_served_byte_for_byte() {
    let server = www();
    for (name, kind) in SITE {
        let file = fs::read(root().join("www").join(name)).expect("it is there");
        let (header, content) = get(server.address, &format!("/{name}"));
        assert_eq!(content, file, "{name}");
        let length = file.len();
        assert_eq!(
            header,
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
                 Connection: close\r\n\r\n"
            )
        );
    }
    assert_eq!(get(server.address, "/"), get(server.address, "/index.html"));
}

#[test]
fn the_console_says_what_the_python_says() {
    let server = www();
    get(server.address, "/hello.txt");
    get(server.address, "/nothing.html");
    ask(server.address, "HELLO\r\n\r\n");
    let expected = "Ready to serve...\nReady to serve...\n404 Not Found\nReady to serve...\n\
                    400 Bad Request\nReady to serve...\n";
    // A client has its answer a moment before the server says that it is ready again.
    until("the last line", || (server.running.stdout().len() >= expected.len()).then_some(()));
    server.running.interrupt();
    let ended = server.running.end();
    assert_eq!(ended.code, Some(0));
    let [said] = ended.stderr.lines().collect::<Vec<_>>()[..] else { panic!("{}", ended.stderr) };
    assert!(said.starts_with("webserver: 127.0.0.1:"), "{said}");
    assert!(
        said.ends_with("400 Bad Request: the first line is not METHOD, PATH and HTTP/1.1"),
        "{said}"
    );
    assert_eq!(ended.stdout, format!("{expected}\nInterrupted: the server is closed\n"));
}

/// Whoever types a request by hand, or asks for https, hears what was wrong with it.
#[test]
fn a_refusal_says_why() {
    let server = www();
    let long = format!("GET / HTTP/1.1\r\nCookie: {}\r\n\r\n", "x".repeat(8 * 1024));
    for (request, why) in [
        ("GET /hello.txt HTTP/1.1\r\n", "within 2 s"),
        ("\u{16}\u{3}\u{1} a ClientHello\r\n\r\n", "write http://, not https://"),
        (&long, "at most 8 KiB"),
        ("BREW / HTTP/1.1\r\n\r\n", "GET and HEAD"),
    ] {
        let (_, page) = ask(server.address, request);
        let page = String::from_utf8_lossy(&page).into_owned();
        assert!(page.contains(why), "{request:?}: {page}");
    }
}

/// A timeout that began anew with each byte would never end this.
#[test]
fn a_request_has_two_seconds_in_all() {
    let server = www();
    let mut stream = connect(server.address);
    let start = Instant::now();
    let mut trickle = stream.try_clone().expect("it is open");
    let sender = thread::spawn(move || {
        while trickle.write_all(b"x").is_ok() && start.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(100));
        }
    });
    let mut status = [0; 12];
    stream.read_exact(&mut status).expect("an answer");
    let took = start.elapsed();
    assert_eq!(&status, b"HTTP/1.1 400");
    assert!(took >= Duration::from_millis(1900), "after {took:?}");
    assert!(took < PATIENCE, "after {took:?}");
    drop(stream);
    assert!(get(server.address, "/hello.txt").0.starts_with("HTTP/1.1 200"));
    sender.join().expect("it only writes");
}

/// Nor this: every write to a client that reads slowly gets a little further.
#[test]
fn an_answer_has_ten_seconds_in_all() {
    const SIZE: u64 = 1 << 30;
    let directory = tempfile::tempdir().expect("room for a sparse file");
    let long = File::create(directory.path().join("long.bin")).expect("a file");
    long.set_len(SIZE / 8).expect("a sparse file");
    fs::write(directory.path().join("hello.txt"), "hello\n").expect("a file");
    let server = server_of(directory.path());
    let mut slow = connect(server.address);
    slow.write_all(b"GET /long.bin HTTP/1.1\r\n\r\n").expect("the server reads");
    let start = Instant::now();
    let next = thread::spawn(move || get(server.address, "/hello.txt"));
    let mut piece = vec![0; 64 * 1024];
    while !next.is_finished() && start.elapsed() < PATIENCE {
        let _ = slow.read(&mut piece); // in the end it is reset
        thread::sleep(Duration::from_millis(100));
    }
    let took = start.elapsed();
    assert!(next.is_finished(), "the next client still waits");
    assert_eq!(next.join().expect("it is served").1, b"hello\n");
    assert!(took >= Duration::from_millis(9900), "after {took:?}");
    server.running.complains("did not read its answer within 10 s");
}

#[test]
fn nobody_at_its_standard_output_does_not_end_it() {
    let mut command = Command::new("sh");
    command
        .args(["-c", "\"$0\" \"$1\" \"$2\" | head -n 1"])
        .arg(solution("webserver").get_program());
    command.current_dir(root().join("www"));
    let address = own_address();
    let running =
        Running::start(command.args([address.ip().to_string(), address.port().to_string()]));
    common::until("its first line", || running.stdout().contains("Ready").then_some(()));
    for _ in 0..3 {
        assert!(get(address, "/hello.txt").0.starts_with("HTTP/1.1 200"));
    }
}

/// Python's own client gets the same pages from our server and from its twin.
#[test]
fn python_reads_the_same_from_the_twin() {
    const CLIENT: &str = "
import hashlib, sys, urllib.error, urllib.request
for name in sys.argv[2:]:
    try:
        answer = urllib.request.urlopen(sys.argv[1] + name)
    except urllib.error.HTTPError as error:
        answer = error
    content = answer.read()
    print(name, answer.status, len(content), hashlib.sha256(content).hexdigest())
";
    let Some(mut twin) = twin("webserver") else { return };
    if !works("python3", &["-c", "import urllib.request"]) {
        return skip("python3 has no urllib");
    }
    twin.current_dir(root().join("www"));
    let servers = [www(), Server::at(own_address(), twin)];
    let said = servers.map(|server| {
        let mut client = Command::new("python3");
        client.args(["-c", CLIENT]).arg(format!("http://{}/", server.address));
        client.args(SITE.map(|(name, _)| name)).arg("nothing.html");
        let ended = Running::start(&mut client).end();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.stdout
    });
    assert_eq!(said[0], said[1]);
    assert!(said[0].contains("nothing.html 404 "), "{}", said[0]);
}
