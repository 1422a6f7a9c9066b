//! What went over the wire, drawn below a failure, for all checks, as a picture and for other programs.

mod common;

use std::fs;

use common::Tree;

/// An upper-case server whose answer has one byte too many.
const ONE_BYTE_MORE: &str = "
import socket, sys
door = socket.create_server(('', int(sys.argv[1])))
while True:
    client, _ = door.accept()
    with client: client.sendall(client.recv(2048).upper() + b'!')
";

/// Whether this machine lets a check have a network of its own, where it can see every packet.
fn is_seen(text: &str) -> bool {
    if text.contains(" check ") || text.contains("\"exchange\"") {
        return true;
    }
    common::skip("checks have no network of their own here, so none sees its packets");
    false
}

#[test]
fn a_failure_shows_the_exchange_and_marks_what_differs() {
    let tree = Tree::new();
    tree.answer("tcpserver", "reply", "    connection_socket.write_all(b\"hello\")?;");
    for (columns, arguments) in
        [("80", &["check", "tcpserver"][..]), ("60", &["check", "--wire", "tcpserver"])]
    {
        let ended = common::Running::start(tree.command(arguments).env("COLUMNS", columns)).end();
        assert_eq!(ended.code, Some(1), "{ended:?}");
        if !is_seen(&ended.stdout) {
            return;
        }
        let lines: Vec<&str> = ended.stdout.lines().collect();
        let at = |text: &str| {
            let line = lines.iter().position(|line| line.contains(text));
            line.unwrap_or_else(|| panic!("no line with {text:?}: {}", ended.stdout))
        };
        assert!(at("connect to port") < at("\"hello\" ── ✗"), "{}", ended.stdout);
        let width: usize = columns.parse().expect("a number");
        assert!(lines.iter().all(|line| line.chars().count() <= width), "{}", ended.stdout);
    }
}

#[test]
fn of_checks_that_pass_it_is_drawn_when_asked_for_and_as_a_picture() {
    let tree = Tree::new();
    tree.write("theirs.py", ONE_BYTE_MORE);
    let picture = tree.path("wire.svg");
    let file = picture.display().to_string();
    let command = ["--", "python3", "theirs.py", "{port}"];
    let plain = tree.lab(&[&["check", "tcpserver"], &command[..]].concat());
    assert!(!plain.stdout.contains("connect to port"), "{plain:?}");
    let ended = tree.lab(&[&["check", "tcpserver", "--wire", &file], &command[..]].concat());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    if !is_seen(&ended.stdout) {
        return;
    }
    let (_, passed) = ended.stdout.split_once("✓ tcpserver/closes").expect("it closes");
    assert!(passed.contains("connect to port"), "{ended:?}");
    let drawn = fs::read_to_string(picture).expect("it was drawn");
    assert!(drawn.starts_with("<svg") && drawn.contains("tcpserver/answers"), "{drawn}");
    assert!(drawn.contains("✗ &quot;") || drawn.contains("✗ \""), "{drawn}");
}

#[test]
fn other_programs_get_it_with_each_failure() {
    let tree = Tree::new();
    tree.write("theirs.py", ONE_BYTE_MORE);
    let command =
        ["check", "tcpserver", "--format", "json", "--", "python3", "theirs.py", "{port}"];
    let ended = tree.lab(&command);
    if !is_seen(&ended.stdout) {
        return;
    }
    let reports: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    for check in reports["programs"][0]["checks"].as_array().expect("a list") {
        let exchange = &check["exchange"];
        match check["status"].as_str() {
            Some("failed") if check["name"] == "tcpserver/answers" => {
                assert_eq!(exchange[0]["how"], "connect", "{check}");
                let wrong =
                    exchange.as_array().expect("a list").iter().find(|it| it["differs"] == true);
                assert_eq!(wrong.expect("one differs")["from"], "program", "{check}");
            }
            Some("passed") => assert!(exchange.is_null(), "{check}"),
            _ => {}
        }
    }
}
