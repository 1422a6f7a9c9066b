//! Each program of solutions/ with the Python twin of its other side, both ways round.

mod common;

use std::process::Command;

use common::{Running, Server, own_address, shows, solution, twin, without_times};

const SENTENCES: [(&str, &str); 2] = [
    ("hello, world 0-9", "HELLO, WORLD 0-9"),
    ("caf\u{e9} \u{3b1}\u{3b2} z", "CAF\u{e9} \u{3b1}\u{3b2} Z"), // only a-z change
];

/// Types each sentence into a client of its own and compares what it prints.
#[track_caller]
fn assert_understand(server: Command, client: impl Fn() -> Command, name: &str) {
    let server = Server::at(own_address(), server);
    let (host, port) = (server.address.ip().to_string(), server.address.port().to_string());
    for (typed, expected) in SENTENCES {
        let mut client = Running::start(client().args([&host, &port]));
        client.types(format!("{typed}\n"));
        let ended = client.end();
        assert_eq!(without_times(&ended.stdout), shows(name, expected));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
}

/// Our client with the twin of its server, and the client's twin with our server.
#[track_caller]
fn assert_both_ways(server: &str, name: &str) {
    let (Some(its_server), Some(_)) = (twin(server), twin(name)) else { return };
    assert_understand(its_server, || solution(name), name);
    let client = || twin(name).expect("it was there a moment ago");
    assert_understand(solution(server), client, name);
}

#[test]
fn udpclient_and_udpserver_understand_each_other_s_twins() {
    assert_both_ways("udpserver", "udpclient");
}

#[test]
fn tcpclient_and_tcpserver_understand_each_other_s_twins() {
    assert_both_ways("tcpserver", "tcpclient");
}

#[test]
fn udpclient_rtt_and_udpserver_understand_each_other_s_twins() {
    assert_both_ways("udpserver", "udpclient_rtt");
}

#[test]
fn tcpclient_rtt_and_tcpserver_understand_each_other_s_twins() {
    assert_both_ways("tcpserver", "tcpclient_rtt");
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

/// With this seed our server loses the fourth of ten pings, and Python's the sixth.
const SEED: &str = "271";

/// Lets a client send its ten pings to a server that loses this one.
#[track_caller]
fn assert_loses(lost: usize, server: Command, mut client: Command) {
    let server = Server::with(own_address(), server, &[SEED]);
    let (host, port) = (server.address.ip().to_string(), server.address.port().to_string());
    let ended = Running::start(client.args([&host, &port])).end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let mut lines = ended.stdout.lines();
    for number in 1..=10 {
        let sending = lines.next().expect("a ping");
        let ping = sending.strip_prefix("Sending Ping Message: ").expect("a ping");
        assert!(ping.starts_with(&format!("Ping {number} ")), "{ping}");
        if number == lost {
            let line = format!("Request timed out for sequence number: {number}");
            assert_eq!(lines.next(), Some(line.as_str()));
            continue;
        }
        let pong = format!("Receiving Pong Message: {}", ping.to_ascii_uppercase());
        assert_eq!(lines.next(), Some(pong.as_str()));
        let rtt = lines.next().expect("its RTT");
        assert!(rtt.starts_with("Round Trip Time(RTT): 0.") && rtt.ends_with(" seconds"), "{rtt}");
    }
    assert_eq!(lines.next(), Some(format!("--- {host}:{port} ping statistics ---").as_str()));
    assert_eq!(lines.next(), Some("10 packets transmitted, 9 received, 10% packet loss"));
    assert!(lines.next().is_some_and(|line| line.starts_with("rtt min/avg/max = ")));
    assert_eq!(lines.next(), None);
}

#[test]
fn our_pingclient_understands_the_python_server() {
    let Some(server) = twin("pingserver") else { return };
    assert_loses(6, server, solution("pingclient"));
}

#[test]
fn the_python_pingclient_understands_our_server() {
    let Some(client) = twin("pingclient") else { return };
    assert_loses(4, solution("pingserver"), client);
}

#[test]
fn our_pingclient_and_our_pingserver_understand_each_other() {
    assert_loses(4, solution("pingserver"), solution("pingclient"));
}
