//! Each program of solutions/ with the Python twin of its other side, both ways round.

mod common;

use std::process::Command;

use common::{Running, Server, own_address, solution, twin};

const SENTENCES: [(&str, &str); 2] = [
    ("hello, world 0-9", "HELLO, WORLD 0-9"),
    ("caf\u{e9} \u{3b1}\u{3b2} z", "CAF\u{e9} \u{3b1}\u{3b2} Z"), // only a-z change
];

/// Types each sentence into a client of its own and compares what it prints.
#[track_caller]
fn assert_understand(server: Command, client: impl Fn() -> Command, answer: &str) {
    let server = Server::at(own_address(), server);
    let (host, port) = (server.address.ip().to_string(), server.address.port().to_string());
    for (typed, expected) in SENTENCES {
        let mut client = Running::start(client().args([&host, &port]));
        client.types(format!("{typed}\n"));
        let ended = client.end();
        assert_eq!(ended.stdout, format!("Input lowercase sentence:{answer}{expected}\n"));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
}

#[test]
fn our_udpclient_understands_the_python_server() {
    let Some(server) = twin("udpserver") else { return };
    assert_understand(server, || solution("udpclient"), "");
}

#[test]
fn the_python_udpclient_understands_our_server() {
    let Some(_) = twin("udpclient") else { return };
    let client = || twin("udpclient").expect("it was there a moment ago");
    assert_understand(solution("udpserver"), client, "");
}

#[test]
fn our_tcpclient_understands_the_python_server() {
    let Some(server) = twin("tcpserver") else { return };
    assert_understand(server, || solution("tcpclient"), "From Server: ");
}

#[test]
fn the_python_tcpclient_understands_our_server() {
    let Some(_) = twin("tcpclient") else { return };
    let client = || twin("tcpclient").expect("it was there a moment ago");
    assert_understand(solution("tcpserver"), client, "From Server: ");
}

/// Types commands into a time client of its own, the last of them EXIT, and compares what it prints.
#[track_caller]
fn assert_tell_the_time(server: Command, mut client: Command) {
    let server = Server::at(own_address(), server);
    let (host, port) = (server.address.ip().to_string(), server.address.port().to_string());
    let mut client = Running::start(client.args([&host, &port]));
    client.types("HELLO\n\nTIME\nEXIT\n");
    let ended = client.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let answers: Vec<&str> =
        ended.stdout.split("Please enter a command (TIME or EXIT): ").map(str::trim_end).collect();
    let [greeting, "Invalid command!", "Invalid command!", time, ""] = answers[..] else {
        panic!("{answers:?}");
    };
    assert!(greeting.starts_with("You are connected from 127."), "{greeting}");
    assert_eq!(time.len(), "Sun Oct  1 13:33:03 2023".len(), "{time}");
    assert_eq!(server.running.end().code, Some(0));
}

#[test]
fn our_timeclient_understands_the_python_server() {
    let Some(server) = twin("timeserver") else { return };
    assert_tell_the_time(server, solution("timeclient"));
}

#[test]
fn the_python_timeclient_understands_our_server() {
    let Some(client) = twin("timeclient") else { return };
    assert_tell_the_time(solution("timeserver"), client);
}
