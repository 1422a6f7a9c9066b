//! What a program under check may use of this machine, and see of it.

mod common;

use std::fs;
use std::time::{Duration, Instant};

use common::{Ended, Tree, skip, works};

fn check_python(tree: &Tree, script: &str) -> Ended {
    tree.lab(&["check", "tcpserver", "--", "python3", "-c", script, "{port}"])
}

/// Demands that the program failed, and that the report says these words, wherever its lines break.
#[track_caller]
fn assert_says(ended: &Ended, words: &str) {
    let text = ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(ended.code == Some(1) && text.contains(words), "{words}?\n{ended:?}");
}

/// Whether the kernel gives mount and PID namespaces here.
fn has_namespaces() -> bool {
    let all = ["--mount", "--net", "--pid", "--fork", "true"];
    let there = works("unshare", &all) || works("unshare", &[&["--user"], &all[..]].concat());
    if !there {
        skip("the kernel gives no namespaces here");
    }
    there
}

#[test]
fn who_takes_all_memory_is_told_so() {
    let tree = Tree::new();
    let script = "kept = []\nwhile True: kept.append(bytearray(b'x' * (1 << 23)))";
    assert_says(&check_python(&tree, script), "it used more than 1 GB of memory, and was ended");
}

#[test]
fn who_takes_it_in_many_processes_is_told_so() {
    let tree = Tree::new();
    let script = "
import os, time
for _ in range(8):
    if not os.fork():
        kept = bytearray(b'x' * (200 << 20))
        time.sleep(1000)
time.sleep(1000)
";
    assert_says(&check_python(&tree, script), "it used more than 1 GB of memory, and was ended");
}

#[test]
fn memory_that_processes_share_counts_once() {
    let tree = Tree::new();
    let script = "
import os, socket, sys, time
kept = bytearray(b'x' * (100 << 20))
door = socket.create_server(('', int(sys.argv[1])), backlog=16)
for _ in range(15):
    if not os.fork(): break
while True:
    client, _ = door.accept()
    with client: client.sendall(client.recv(2048).upper())
";
    let ended = check_python(&tree, script);
    assert!(!ended.stdout.contains("of memory"), "{ended:?}");
}

#[test]
fn a_fork_bomb_is_told_so() {
    let tree = Tree::new();
    let script = "
import os, time
for _ in range(12): os.fork()
time.sleep(1000)
";
    assert_says(
        &check_python(&tree, script),
        "it had more than 2000 processes and threads at once",
    );
}

#[test]
fn a_file_that_grows_and_grows_is_told_so() {
    let tree = Tree::new();
    let big = tree.path("big");
    let command = format!("exec truncate -s 300M '{}'", big.display());
    let ended = tree.lab(&["check", "tcpserver", "--", "sh", "-c", &command, "{port}"]);
    let _ = fs::remove_file(big); // it may not have been made
    assert_says(&ended, "the program was ended: it wrote a file of 256 MB");
}

#[test]
fn a_program_that_grows_hurts_no_other() {
    let tree = Tree::new();
    let grows = "    let mut kept = Vec::new();
    let server_socket: UdpSocket = loop {
        kept.push(vec![1u8; 1 << 23]);
    };";
    tree.answer("udpserver", "bind", grows);
    tree.solve("tcpserver");
    let start = Instant::now();
    let ended = tree.lab(&["check", "udpserver", "tcpserver"]);
    assert_says(&ended, "it used more than 1 GB of memory");
    assert!(ended.stdout.contains("9 of 9 checks passed"), "{ended:?}");
    assert!(start.elapsed() < Duration::from_secs(120));
}

/// The skeleton of udpserver with this alone in its first gap.
fn only_bind(tree: &Tree, body: &str) {
    let text = tree.read("skeletons/udpserver.rs");
    let open = "    let server_socket: UdpSocket = todo!(\"bind\");\n";
    assert!(text.contains(open), "{text}");
    tree.write("skeletons/udpserver.rs", &text.replace(open, body));
}

#[test]
fn a_gap_that_starts_the_solution_gains_nothing() {
    if !has_namespaces() {
        return;
    }
    let tree = Tree::new();
    assert_eq!(tree.lab(&["check", "--set", "solutions", "udpserver"]).code, Some(0));
    let solution = tree.path("solutions/target/debug/udpserver");
    assert!(solution.is_file());
    let body = format!(
        "    use std::os::unix::process::CommandExt;
    let error = std::process::Command::new({solution:?}).args(std::env::args().skip(1)).exec();
    panic!(\"not started: {{error}}\");
    #[allow(unreachable_code)]
    let server_socket: UdpSocket = todo!(\"bind\");
"
    );
    only_bind(&tree, &body);
    let ended = tree.lab(&["check", "udpserver"]);
    assert_says(&ended, "0 of 10 points");
    assert_says(&ended, "not started: No such file or directory");
}

#[test]
fn a_program_of_a_set_has_a_directory_of_its_own_and_changes_nothing_else() {
    if !has_namespaces() {
        return;
    }
    let tree = Tree::new();
    let root = tree.path("");
    let body = format!(
        "    let root = std::path::Path::new({root:?});
    let names = |path: &std::path::Path| -> Vec<String> {{
        let entries = std::fs::read_dir(path).unwrap().flatten();
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
    }};
    let here = std::env::current_dir().unwrap();
    let own = here == std::path::PathBuf::from(std::env::var(\"HOME\").unwrap())
        && here == std::env::temp_dir();
    panic!(
        \"{{own}} {{:?}} {{:?}} {{:?}} {{}} {{}}\",
        names(&here), names(root), names(&root.join(\"skeletons/target/debug\")),
        std::fs::write(here.join(\"file\"), b\"\").is_ok(),
        std::fs::write(root.join(\"file\"), b\"\").is_ok(),
    );
    #[allow(unreachable_code)]
    let server_socket: UdpSocket = todo!(\"bind\");
"
    );
    only_bind(&tree, &body);
    let ended = tree.lab(&["check", "udpserver"]);
    assert_says(&ended, "true [] [\"skeletons\"] [\"udpserver\"] true false");
    assert!(!tree.path("file").exists());
}
