//! The tool on machines, and with programs, as they are: programs that live at a keyboard and a
//! screen, scripts named as their author names them, a host in whatever time zone.

mod common;

use std::fs;

use common::{Ended, Running, Tree};

/// Checks a command in any language from the root of a tree.
fn check(tree: &Tree, lab: &str, command: &[&str]) -> Ended {
    tree.lab(&[&["check", lab, "--"], command].concat())
}

#[track_caller]
fn assert_passes(ended: &Ended, points: &str) {
    assert!(ended.code == Some(0) && ended.stdout.contains(points), "{ended:?}");
}

#[test]
fn a_server_that_stops_at_enter_is_not_stopped() {
    let tree = Tree::new();
    let script = "
import os, socket, sys, threading
door = socket.create_server(('', int(sys.argv[1])), backlog=16)
def serve():
    while True:
        client, _ = door.accept()
        try:
            with client:
                client.sendall(bytes(b - 32 if 97 <= b <= 122 else b for b in client.recv(1024)))
        except OSError:
            pass
threading.Thread(target=serve, daemon=True).start()
input('Press Enter to stop')
os._exit(0)
";
    assert_passes(&check(&tree, "tcpserver", &["python3", "-c", script, "{port}"]), "9 of 9");
}

#[test]
fn a_script_is_found_under_the_name_that_its_author_gives_it() {
    let tree = Tree::new();
    let script = "
import socket, sys
door = socket.create_server(('', int(sys.argv[1])), backlog=16)
while True:
    client, _ = door.accept()
    with client:
        words = client.recv(2048).split()
        try: body = open(words[1].lstrip(b'/'), 'rb').read()
        except (OSError, IndexError): client.sendall(b'HTTP/1.1 404 Not Found\\r\\n\\r\\n<h1>404 Not Found</h1>')
        else: client.sendall(b'HTTP/1.1 200 OK\\r\\n\\r\\n' + body)
";
    tree.write("theirs.py", script);
    assert_passes(&check(&tree, "webserver", &["python3", "theirs.py", "{port}"]), "9 of 9");
}

#[test]
fn words_for_the_port_in_a_path_are_part_of_the_path() {
    let tree = Tree::new();
    let directory = tree.path("{port} {address}");
    fs::create_dir_all(&directory).unwrap();
    let script = common::root().join("tests/twins/udpserver.py");
    fs::copy(script, directory.join("theirs.py")).unwrap();
    let file = directory.join("theirs.py").display().to_string();
    let ended = check(&tree, "udpserver", &["python3", &file, "{address}", "{port}"]);
    assert_passes(&ended, "10 of 10");
}

#[test]
fn the_host_s_time_zone_decides_nothing() {
    let tree = Tree::new();
    let command = ["check", "timeserver", "--set", "solutions"];
    for zone in ["UTC", "<+0545>-5:45", "America/New_York"] {
        let ended = Running::start(tree.command(&command).env("TZ", zone)).end();
        assert_passes(&ended, "10 of 10");
    }
}

#[test]
fn the_time_in_utc_is_found_out_where_the_host_s_clock_shows_utc() {
    let tree = Tree::new();
    let twin = fs::read_to_string(common::root().join("tests/twins/timeserver.py")).unwrap();
    let local = "time.ctime()";
    assert!(twin.contains(local), "{twin}");
    tree.write("theirs.py", &twin.replace(local, "time.asctime(time.gmtime())"));
    let command = ["check", "timeserver", "--", "python3", "theirs.py", "{address}", "{port}"];
    let ended = Running::start(tree.command(&command).env("TZ", "UTC")).end();
    assert!(ended.code == Some(1) && ended.stdout.contains("this is the time in UTC"), "{ended:?}");
}

// ---- Files, directories and disks ----

#[test]
fn a_file_from_another_editor_is_read_for_what_it_is() {
    let tree = Tree::new();
    tree.solve("udpserver");
    let text = tree.read("skeletons/udpserver.rs");
    tree.write("skeletons/udpserver.rs", &format!("\u{feff}{}", text.replace('\n', "\r\n")));
    let ended = tree.lab(&["check", "udpserver"]);
    assert_passes(&ended, "10 of 10");
    assert!(!ended.stdout.contains("changed outside"), "{ended:?}");
    let diff = tree.lab(&["diff", "udpserver"]);
    assert!(diff.stdout.contains("gap 4 of 4: reply  as the solution"), "{diff:?}");
}

#[test]
fn names_of_directories_may_have_blanks_and_be_no_text_and_nobody_needs_a_home() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let tree = Tree::new();
    tree.solve("udpserver");
    let odd = tree.path("a b").join(OsStr::from_bytes(b"\xff"));
    fs::create_dir_all(&odd).expect("ours");
    let ended = Running::start(tree.command(&["check", "udpserver"]).env("TMPDIR", &odd)).end();
    assert_passes(&ended, "10 of 10");
    let ended = Running::start(tree.command(&["check", "udpserver"]).env_remove("HOME")).end();
    assert_passes(&ended, "10 of 10");
}

/// The tool where a shell has changed the mounts first, if this machine allows that.
fn with_mounts(tree: &Tree, mounts: &str, arguments: &str) -> Option<Ended> {
    if !common::works("unshare", &["--mount", "true"]) {
        common::skip("this user may not mount anything in a namespace of his own");
        return None;
    }
    let tool = env!("CARGO_BIN_EXE_lab");
    let script = format!("{mounts} && exec '{tool}' {arguments}");
    let mut command = std::process::Command::new("unshare");
    tree.place(command.args(["--mount", "sh", "-c", &script]));
    Some(Running::start(&mut command).end())
}

#[test]
fn a_tree_that_cannot_be_written_to_is_said() {
    let tree = Tree::new();
    tree.solve("udpserver");
    let read_only = "mount --bind . . && mount -o remount,ro,bind . && cd \"$PWD\"";
    let Some(ended) = with_mounts(&tree, read_only, "check udpserver") else { return };
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!((ended.stdout.clone() + &ended.stderr).contains("work in a copy of it"), "{ended:?}");
}

/// A lab image may have all but skeletons/ and what is built on a disk that nobody writes to.
#[test]
fn sources_may_be_read_only() {
    if !common::works("unshare", &["--mount", "true"]) {
        return common::skip("this user may not mount anything in a namespace of his own");
    }
    let script = "for d in src lab docs tests solutions/lib.rs; do \
                  mount --bind $d $d && mount -o remount,ro,bind $d || exit 9; done; \
                  if touch src/written 2>/dev/null; then exit 8; fi; \
                  exec make check LAB=udpserver SET=solutions";
    let mut command = std::process::Command::new("unshare");
    command.args(["--mount", "sh", "-c", script]).current_dir(common::root());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG") || name.starts_with("MAKE") || name == "MFLAGS" {
            command.env_remove(&*name);
        }
    }
    assert_passes(&Running::start(&mut command).end(), "10 of 10");
}

#[test]
fn a_full_disk_takes_no_verdict() {
    let tree = Tree::new();
    tree.solve("udpserver");
    assert_passes(&tree.lab(&["check", "udpserver"]), "10 of 10"); // it is built then
    let full = "mkdir -p target/lab && mount -t tmpfs -o size=64k none target/lab && \
                (cat /dev/zero > target/lab/filled 2>/dev/null || true)";
    let Some(ended) = with_mounts(&tree, full, "check udpserver") else { return };
    assert_passes(&ended, "10 of 10");
    assert!(ended.stderr.contains("the board will not know"), "{ended:?}");
}

#[test]
fn without_proc_it_is_said_what_is_missing() {
    let tree = Tree::new();
    let empty = "mount -t tmpfs none /proc";
    let Some(ended) = with_mounts(&tree, empty, "check udpserver") else { return };
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stderr.contains("/proc"), "{ended:?}");
}
