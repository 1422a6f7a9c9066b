//! The tool, from one end to the other, in a copy of the tree: exit codes, and the words that a
//! student reads.

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use common::{Ended, Running, Tree, skip, twin, until, works};
use lab::{LABS, source};
use serde_json::Value;

/// A gap's body that keeps the program busy before it listens.
const FOR_EVER: &str = "    let server_socket: TcpListener = loop { std::hint::spin_loop() };";
/// One that ends it before it listens.
const ENDS: &str = "    let server_socket: TcpListener = return Ok(());";
/// One that answers, but with the wrong words.
const WRONG: &str = "    connection_socket.write_all(sentence)?;";

#[track_caller]
fn assert_ended(ended: &Ended, code: i32) {
    assert_eq!(ended.code, Some(code), "{}{}", ended.stdout, ended.stderr);
}

/// Demands an exit code and words on stdout, wherever their lines break.
#[track_caller]
fn assert_says(ended: &Ended, code: i32, words: &str) {
    assert_ended(ended, code);
    assert!(one_line(&ended.stdout).contains(&one_line(words)), "{words}?\n{}", ended.stdout);
}

/// The same for an error.
#[track_caller]
fn assert_complains(ended: &Ended, code: i32, words: &str) {
    assert_ended(ended, code);
    assert!(one_line(&ended.stderr).contains(&one_line(words)), "{words}?\n{}", ended.stderr);
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A report as another program reads it: nothing else is on stdout.
#[track_caller]
fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
}

// ---- lab check ----

#[test]
fn without_openssl_s_headers_only_what_needs_them_is_left_out() {
    let tree = Tree::new();
    let all = json(&tree.lab(&["check", "--format", "json"]));
    let ended =
        Running::start(tree.command(&["check", "--format", "json"]).env("OPENSSL_VENDORED", "1"))
            .end();
    let few = json(&ended);
    let names = |reports: &Value| -> Vec<String> {
        let programs = reports["programs"].as_array().expect("a list").iter();
        programs.map(|program| program["program"].to_string()).collect()
    };
    let mut expected = names(&all);
    expected.retain(|name| name != "\"mailclient\"" && !name.ends_with("_auth\""));
    assert_eq!(names(&few), expected);
    assert!(expected.len() < names(&all).len());
    assert_complains(&ended, 1, "mailclient is left out, since OpenSSL's headers are missing.");
}

#[test]
fn a_fresh_skeleton_s_first_gap_is_named_with_its_line() {
    let tree = Tree::new();
    let line = tree.line("skeletons/tcpserver.rs", "==== fill in here: bind ====");
    let words = format!("gap 1 of 4 is still open: bind (skeletons/tcpserver.rs:{line})");
    assert_says(&tree.lab(&["check", "tcpserver"]), 1, &words);
}

#[test]
fn all_skeletons_together_show_the_board() {
    let tree = Tree::new();
    let ended = tree.lab(&["check"]);
    assert_says(&ended, 1, "udpserver 4 of 4 gaps open 0 of 9 checks passed");
    assert_says(&ended, 1, "next gap 1 of 4 is still open: bind (skeletons/udpserver.rs:");
}

#[test]
fn a_solved_program_passes() {
    let tree = Tree::new();
    tree.solve("tcpserver");
    assert_says(&tree.lab(&["check", "tcpserver"]), 0, "9 of 9 checks passed, 10 of 10 points");
}

#[test]
fn all_solutions_pass() {
    let ended = Tree::new().lab(&["check", "--set", "solutions"]);
    assert_ended(&ended, 0);
    assert_eq!(ended.stdout.matches("checks passed").count(), LABS.len(), "{}", ended.stdout);
}

#[test]
fn a_wrong_answer_is_told_what_was_sent_and_where_to_look() {
    let tree = Tree::new();
    tree.answer("tcpserver", "reply", WRONG);
    let ended = tree.lab(&["check", "tcpserver"]);
    let line = tree.line("skeletons/tcpserver.rs", "==== fill in here: reply ====");
    assert_says(&ended, 1, &format!("look skeletons/tcpserver.rs:{line}, gap reply"));
    assert_says(&ended, 1, "✗ tcpserver/answers a sentence comes back in capitals 0/2");
}

#[test]
fn a_gap_reached_in_a_thread_is_found_as_well() {
    let tree = Tree::new();
    let body = "        std::thread::spawn(|| -> () { todo!(\"accept\") });
        let (connection_socket, address) = loop { std::thread::park() };
        let _: (TcpStream, std::net::SocketAddr) = (connection_socket, address);";
    tree.answer("tcpserver", "accept", body);
    let line = tree.line("skeletons/tcpserver.rs", "==== fill in here: accept ====");
    let words = format!("gap 2 of 4 is still open: accept (skeletons/tcpserver.rs:{line})");
    assert_says(&tree.lab(&["check", "tcpserver"]), 1, &words);
}

#[test]
fn a_program_that_does_not_compile_is_shown_the_compiler_s_words() {
    let tree = Tree::new();
    tree.answer("tcpserver", "bind", "    let server_socket = TcpListener::bond(server_name)?;");
    let ended = tree.lab(&["check", "tcpserver"]);
    let line = tree.line("skeletons/tcpserver.rs", "TcpListener::bond");
    let words = format!("skeletons/tcpserver.rs:{line} does not compile, in gap bind.");
    assert_says(&ended, 1, &words);
    assert_says(&ended, 1, "error[E0599]: no function or associated item named `bond`");
}

/// The compiler points into the file of std that has the macro.
#[test]
fn an_error_inside_a_macro_is_shown_at_the_student_s_line() {
    let tree = Tree::new();
    tree.answer(
        "timeserver",
        "greet",
        "    send(client_socket, format!(\"{client_address}\\n\"))?;",
    );
    let ended = tree.lab(&["check", "timeserver"]);
    let line = tree.line("skeletons/timeserver.rs", "send(client_socket, format!");
    let words = format!("skeletons/timeserver.rs:{line} does not compile, in gap greet.");
    assert_says(&ended, 1, &words);
}

#[test]
fn an_error_outside_the_gaps_is_blamed_on_the_gap_that_causes_it() {
    let tree = Tree::new();
    let body = "    let server_socket = TcpListener::bind((server_name, server_port));";
    tree.answer("tcpserver", "bind", body);
    let ended = tree.lab(&["check", "tcpserver"]);
    assert_says(&ended, 1, "does not fit what gap bind (line");
    let words = "Gap bind must make `server_socket: TcpListener`; does its call end in `?`?";
    assert_says(&ended, 1, words);
    assert_says(&tree.lab(&["hint", "tcpserver"]), 0, "because of gap bind");
}

/// Fills a gap of chatserver or chatclient in, and demands words and a line outside that is to stay.
#[track_caller]
fn assert_blames(name: &str, gap: &str, answer: &str, words: &str, leave: &str) {
    let tree = Tree::new();
    tree.answer(name, gap, answer);
    let file = format!("skeletons/{name}.rs");
    let line = tree.line(&file, answer.lines().next().unwrap_or_default()).to_string();
    let ended = tree.lab(&["check", name]);
    assert_says(&ended, 1, &words.replace("FILE", &file).replace("LINE", &line));
    if !leave.is_empty() {
        let line = tree.line(&file, leave);
        assert_says(&ended, 1, &format!("Leave line {line} as it is."));
    }
    assert_says(&tree.lab(&["hint", name]), 0, &format!("because of gap {gap}"));
}

/// The compiler's help is to let the function give a Result, and that line is not the student's.
#[test]
fn a_question_mark_where_the_lines_below_look_at_the_error_is_told_so() {
    let answer = "        let length = client_socket.read(&mut buffer)?;";
    let words = "FILE:LINE does not compile, in gap msg. Gap msg makes `length: io::Result<usize>`: \
                 leave out the `?`, the lines below the gap look at the error. Mend it";
    assert_blames("chatserver", "msg", answer, words, "fn handle_client(");
    let answer = "            tcp_socket.write_all(usr_input.as_bytes())?;";
    let words = "in gap send-tcp. The function around it gives no `Result`: leave out the `?`. If \
                 nothing is to be done about an error, begin the line with `let _ = `.";
    assert_blames("chatclient", "send-tcp", answer, words, "");
    let words = "in gap send-msg. What stands before the `?` is no `Result`: leave out the `?`.";
    assert_blames("chatserver", "send-msg", "client_socket.send(msg)?;", words, "");
}

#[test]
fn a_line_that_the_compiler_s_help_would_change_is_not_the_student_s() {
    let answer = "for client_socket in clients { client_socket.send(&active_users); }";
    let words = "FILE:LINE does not compile, in gap send-active-users. Mend it";
    let tree = Tree::new();
    tree.answer("chatserver", "send-active-users", answer);
    let ended = tree.lab(&["check", "chatserver"]);
    let file = "skeletons/chatserver.rs";
    let line = tree.line(file, "let active_users = format!") + 2;
    assert_says(&ended, 1, &format!("Leave line {line} as it is."));
    assert_blames("chatserver", "send-active-users", answer, words, "");
    let words = "in gap send-active-users. Mend it";
    let answer = "let users = HashMap::<u8, u8>::new();";
    let first_import = "use std::collections::{BTreeMap";
    assert_blames("chatserver", "send-active-users", answer, words, first_import);
}

#[test]
fn a_bracket_or_a_quotation_mark_is_missed_where_it_was_opened() {
    for (gap, answer, words) in [
        ("send-msg", "client_socket.send(msg;", "a bracket is not closed that was opened at"),
        ("msg", "let length = {client_socket.read(&mut buffer);", "a bracket is not closed that"),
        ("send-msg", "client_socket.send(\"msg);", "a quotation mark is not closed at"),
        ("msg", "let length = client_socket.read(&mut buffer));", "there is a closing bracket too"),
    ] {
        assert_blames("chatserver", gap, answer, &format!("FILE does not compile: {words}"), "");
        let place = format!("line LINE, in gap {gap}. Mend it, then check again.");
        assert_blames("chatserver", gap, answer, &place, "");
    }
}

#[test]
fn a_binding_without_mut_is_cured_where_it_is_made() {
    let answer = "    let tcp_socket = TcpStream::connect((server_ip, port))?;";
    let words = "does not compile; the cure is in gap connect (line LINE): `let mut`.";
    assert_blames("chatclient", "connect", answer, words, "");
}

#[test]
fn names_in_another_order_are_asked_for_and_not_a_question_mark() {
    let answer = "        let (client_address, client_socket) = server_socket.accept()?;";
    let words = "Gap accept must make `(client_socket, client_address): (TcpStream, SocketAddr)`; \
                 are its names in this order? Leave line";
    assert_blames("chatserver", "accept", answer, words, "thread.spawn(move || serve(");
    let answer = "        let length = client_socket.take(3).read(&mut buffer)?;";
    let words = "does not compile, because of line LINE, in gap name. Mend that, then check again.";
    assert_blames("chatserver", "name", answer, words, "client_socket.write_all(sentence");
}

#[test]
fn a_result_that_cannot_be_handed_on_may_be_dropped() {
    let tree = Tree::new();
    let answer = "            tcp_socket.write_all(usr_input.as_bytes());";
    tree.answer("chatclient", "send-tcp", answer);
    let words = "gap send-tcp: unused `Result` that must be used: if nothing is to be done about an \
                 error, begin the line with `let _ = `";
    assert_says(&tree.lab(&["check", "chatclient"]), 0, words);
}

/// Threads run into gaps in another order than that of the file.
#[test]
fn of_several_open_gaps_the_first_is_named_and_the_one_that_was_come_to() {
    let tree = Tree::new();
    let (skeleton, solution) =
        (tree.read("skeletons/tcpserver.rs"), tree.read("solutions/tcpserver.rs"));
    let parsed = |text: &str| source::parse("tcpserver.rs", text).expect("it is sound");
    let (skeleton, solution) = (parsed(&skeleton), parsed(&solution));
    let text = solution.with_bodies(|gap| match gap.name.as_str() {
        "accept" => {
            "        let (connection_socket, address): (TcpStream, std::net::SocketAddr) =
            todo!(\"reply\");\n"
        }
        "bind" => &gap.body,
        name => &skeleton.gap(name).expect("the same gaps").body,
    });
    tree.write("skeletons/tcpserver.rs", &text);
    let ended = tree.lab(&["check", "tcpserver"]);
    assert_says(&ended, 1, "gap 3 of 4 is still open: receive (skeletons/tcpserver.rs:");
    let words = ", and so is reply. The program reached gap reply first: fill that one next. The gaps \
                 before it ran without an error; whether they are right is checked later";
    assert_says(&ended, 1, words);
    assert_says(&ended, 1, "were not reached because of gap reply");
    assert_says(&tree.lab(&["hint", "tcpserver"]), 0, "gap 3 of 4 is still open: receive");
}

#[test]
fn a_result_thrown_away_is_named_though_all_checks_pass() {
    let tree = Tree::new();
    tree.solve("tcpserver");
    let answer = "    connection_socket.write_all(&sentence.to_ascii_uppercase());";
    tree.answer("tcpserver", "reply", answer);
    let ended = tree.lab(&["check", "tcpserver"]);
    let line = tree.line("skeletons/tcpserver.rs", "connection_socket.write_all");
    let words = format!("! skeletons/tcpserver.rs:{line}, gap reply: unused `Result` that must");
    assert_says(&ended, 0, &words);
    assert_says(&ended, 0, "an error would pass unseen; end the line in `?;`");
}

#[test]
fn what_a_grader_would_not_find_is_named() {
    let tree = Tree::new();
    tree.solve("tcpserver");
    let solved = tree.read("skeletons/tcpserver.rs");
    let changed = solved.replace("Duration::from_secs(5)", "Duration::from_secs(7)");
    tree.write("skeletons/tcpserver.rs", &changed);
    let line = tree.line("skeletons/tcpserver.rs", "Duration::from_secs(7)");
    let words = format!("! skeletons/tcpserver.rs:{line} is changed outside the gaps, where a");
    assert_says(&tree.lab(&["check", "tcpserver"]), 0, &words);
    for (from, to, words) in [
        ("// ==== end: accept ====", "// ===== end: accept ====", "not a fence: expected"),
        ("// ==== end: accept ====", "", "below your lines, which begin here, and before"),
        ("fill in here: accept", "fill in here: acept", "this ends gap accept, but gap acept"),
    ] {
        tree.write("skeletons/tcpserver.rs", &solved.replace(from, to));
        let ended = tree.lab(&["check", "tcpserver"]);
        assert_says(&ended, 1, words);
        assert_says(&ended, 1, "Without its fences a grader finds no gap.");
    }
    let both = solved
        .replace("// ==== end: accept ====", "")
        .replace("// ==== fill in here: accept ====", "");
    tree.write("skeletons/tcpserver.rs", &both);
    let words = "✗ skeletons/tcpserver.rs: the fences of gap accept are gone";
    assert_says(&tree.lab(&["check", "tcpserver"]), 1, words);
}

#[test]
fn after_a_green_check_the_next_program_is_named() {
    let tree = Tree::new();
    tree.solve("udpserver");
    let words = "next gap 1 of 3 is still open: socket (skeletons/udpclient.rs:";
    assert_says(&tree.lab(&["check", "udpserver"]), 0, words);
}

#[test]
fn the_next_program_is_one_of_the_same_handout_if_any_is_left() {
    let tree = Tree::new();
    tree.solve("pingserver");
    let ended = tree.lab(&["check", "pingserver"]);
    assert_says(&ended, 0, "next gap 1 of 6 is still open: send (skeletons/pingclient.rs:");
    tree.solve("tcpserver");
    tree.solve("tcpclient");
    assert_ended(&tree.lab(&["check", "tcpserver"]), 0);
    let ended = tree.lab(&["check", "tcpclient"]);
    assert_says(&ended, 0, "next gap 1 of 4 is still open: bind (skeletons/udpserver.rs:");
}

#[test]
fn a_file_that_is_no_program_does_not_compile() {
    let tree = Tree::new();
    let words = ["skeletons/tcpserver.rs does not compile.", "skeletons/tcpserver.rs:1 does not"];
    for (bytes, words) in [&b""[..], b"fn main() {}\xff"].iter().zip(words) {
        fs::write(tree.path("skeletons/tcpserver.rs"), bytes).expect("the copy is ours");
        assert_says(&tree.lab(&["check", "tcpserver"]), 1, words);
        assert_says(&tree.lab(&["list"]), 0, "✗ tcpserver no gap open does not compile");
    }
}

#[test]
fn a_package_that_cargo_cannot_build_is_no_fault_of_the_student() {
    let tree = Tree::new();
    tree.write("skeletons/Cargo.toml", "nonsense");
    let ended = tree.lab(&["check", "tcpserver"]);
    assert_complains(&ended, 3, "lab: cargo cannot build");
    assert_eq!(ended.stdout, "");
}

#[test]
fn a_program_that_does_not_compile_does_not_stop_the_others() {
    let tree = Tree::new();
    tree.solve("udpserver");
    tree.answer("tcpserver", "bind", "    let server_socket = ;");
    let ended = tree.lab(&["check", "tcpserver", "udpserver"]);
    assert_says(&ended, 1, "does not compile, in gap bind.");
    assert_says(&ended, 1, "udpserver skeletons/udpserver.rs ✓✓✓✓✓✓✓✓✓ 9 of 9 checks passed");
}

#[test]
fn a_missing_program_is_said_and_reset_brings_it_back() {
    let tree = Tree::new();
    let skeleton = tree.read("skeletons/tcpserver.rs");
    fs::remove_file(tree.path("skeletons/tcpserver.rs")).expect("it is there");
    let words = "skeletons/tcpserver.rs is missing: `make reset LAB=tcpserver` makes it anew";
    assert_says(&tree.lab(&["check", "tcpserver"]), 1, words);
    assert_says(&tree.lab(&["list"]), 0, "skeletons/tcpserver.rs is missing");
    let words = "skeletons/tcpserver.rs was missing; it is the skeleton now";
    assert_says(&tree.lab(&["reset", "tcpserver"]), 0, words);
    assert_eq!(tree.read("skeletons/tcpserver.rs"), skeleton);
}

#[test]
fn a_loop_without_end_before_listening_is_told_from_waiting() {
    let tree = Tree::new();
    tree.answer("tcpserver", "bind", FOR_EVER);
    let ended = tree.lab(&["check", "tcpserver"]);
    assert_says(&ended, 1, "8 checks were not reached because of tcpserver/listens");
}

#[test]
fn a_flood_on_stdout_is_cut_off_and_said() {
    let tree = Tree::new();
    let body = "    let server_socket: TcpListener = loop {
        println!(\"waiting for a client\");
    };";
    tree.answer("tcpserver", "bind", body);
    let ended = tree.lab(&["check", "tcpserver"]);
    assert_says(&ended, 1, "MB on its standard output");
    assert!(ended.stdout.len() < 4096, "{} bytes", ended.stdout.len());
}

#[test]
fn a_program_that_prints_a_lot_and_works_passes() {
    let tree = Tree::new();
    let body = "    for _ in 0..32 {
        io::stdout().write_all(&[b'y'; 1 << 20])?;
    }
    let server_socket = TcpListener::bind((server_name, server_port))?;";
    tree.answer("tcpserver", "bind", body);
    assert_ended(&tree.lab(&["check", "tcpserver"]), 0);
}

/// The program starts itself again in a session of its own, and that one takes the port.
fn starts_a_child(then: &str) -> String {
    format!(
        "    if std::env::var_os(\"CHILD\").is_none() {{
        let mut child = std::process::Command::new(\"setsid\");
        child.arg(std::env::current_exe()?).args(std::env::args().skip(1));
        child.env(\"CHILD\", \"1\").spawn()?;
        {then}
    }}
    let server_socket = TcpListener::bind((server_name, server_port))?;"
    )
}

#[test]
fn a_child_that_keeps_the_port_is_ended_with_its_parent() {
    let tree = Tree::new();
    tree.answer("tcpserver", "bind", &starts_a_child("loop { std::thread::park() }"));
    assert_ended(&tree.lab(&["check", "tcpserver"]), 0);
    nothing_is_left_running(&tree);
}

/// Whether such a program passes depends on who is quicker, the check or the end of the parent.
#[test]
fn a_child_that_outlives_its_parent_is_ended_as_well() {
    let tree = Tree::new();
    tree.answer("tcpserver", "bind", &starts_a_child("return Ok(());"));
    let ended = tree.lab(&["check", "tcpserver"]);
    assert!(matches!(ended.code, Some(0 | 1)), "{ended:?}");
    nothing_is_left_running(&tree);
}

#[test]
fn ctrl_c_during_a_check_leaves_nothing_running() {
    let tree = Tree::new();
    tree.answer("tcpserver", "bind", FOR_EVER);
    let running = tree.start(&["check", "tcpserver"]);
    until("the program under check", || (!tree.programs().is_empty()).then_some(()));
    running.interrupt();
    assert_complains(&running.end(), 130, "lab: interrupted");
    nothing_is_left_running(&tree);
}

/// A process that was killed is gone as soon as the kernel comes to it.
#[track_caller]
fn nothing_is_left_running(tree: &Tree) {
    until("the end of every program", || tree.programs().is_empty().then_some(()));
}

#[test]
fn two_checks_at_once_both_pass() {
    let tree = Tree::new();
    tree.solve("tcpserver");
    let both = [tree.start(&["check", "tcpserver"]), tree.start(&["check", "tcpserver"])];
    for one in both {
        assert_ended(&one.end(), 0);
    }
}

#[test]
fn a_check_leaves_the_student_s_file_alone() {
    let tree = Tree::new();
    tree.answer("tcpserver", "reply", WRONG);
    let file = tree.path("skeletons/tcpserver.rs");
    let state = || (fs::read(&file).expect("there"), modified(&file));
    let before = state();
    assert_ended(&tree.lab(&["check", "tcpserver"]), 1);
    assert!(before == state(), "it was touched");
}

fn modified(path: &Path) -> SystemTime {
    path.metadata().and_then(|data| data.modified()).expect("it is there")
}

#[test]
fn a_seed_repeats_the_inputs() {
    let tree = Tree::new();
    tree.answer("tcpserver", "reply", WRONG);
    let told = |seed: &str| {
        let ended = tree.lab(&["check", "tcpserver", "--format", "json", "--seed", seed]);
        assert_ended(&ended, 1);
        let mut checks = json(&ended)["programs"][0]["checks"].clone();
        for check in checks.as_array_mut().expect("a list") {
            check.as_object_mut().expect("a check").remove("exchange"); // its times differ
        }
        checks
    };
    let first = told("7");
    assert!(first[1]["received"].to_string().contains("byte 0"), "{first}");
    assert_eq!(first, told("7"));
    assert_ne!(first, told("8"));
}

#[test]
fn an_unknown_lab_is_a_usage_error_with_a_suggestion() {
    let ended = Tree::new().lab(&["check", "tcpservr"]);
    assert_complains(&ended, 2, "there is no program or lab \"tcpservr\". Did you mean tcpserver?");
    assert_eq!(ended.stdout, "");
}

// ---- lab check: how it is printed ----

#[test]
fn json_says_what_the_text_says() {
    let tree = Tree::new();
    tree.answer("tcpserver", "reply", WRONG);
    let text = tree.lab(&["check", "tcpserver", "--seed", "1"]);
    let json = json(&tree.lab(&["check", "tcpserver", "--seed", "1", "--format", "json"]));
    let program = &json["programs"][0];
    assert_eq!((&json["passed"], &json["seed"]), (&false.into(), &1.into()));
    let words = format!("{} of {} checks passed", program["passed"], program["total"]);
    assert_says(&text, 1, &words);
    let failed = &program["checks"][1];
    assert_eq!(
        (&failed["name"], &failed["status"]),
        (&"tcpserver/answers".into(), &"failed".into())
    );
    for fact in ["did", "expected", "cause", "look", "replay"] {
        let fact = failed[fact].as_str().expect("a text");
        assert_says(&text, 1, fact);
    }
}

#[test]
fn json_names_the_open_gap_and_what_does_not_compile() {
    let tree = Tree::new();
    tree.answer("udpserver", "bind", "    let server_socket = ;");
    let ended = tree.lab(&["check", "tcpserver", "udpserver", "--format", "json"]);
    assert_ended(&ended, 1);
    let programs = &json(&ended)["programs"];
    let gap = &programs[0]["open_gap"];
    assert_eq!((&gap["name"], &gap["number"], &gap["of"]), (&"bind".into(), &1.into(), &4.into()));
    assert_eq!(programs[0]["checks"][0]["status"], "not_reached");
    let why = programs[1]["not_built"].as_str().expect("a text");
    assert!(why.contains("does not compile") && !why.contains('\u{1b}'), "{why:?}");
}

#[test]
fn a_pipe_gets_no_colours() {
    let tree = Tree::new();
    tree.answer("udpserver", "bind", "    let server_socket = ;");
    for arguments in [&["check", "tcpserver", "udpserver"][..], &["list"], &["diff", "udpserver"]] {
        let ended = tree.lab(arguments);
        assert!(!(ended.stdout + &ended.stderr).contains('\u{1b}'), "{arguments:?}");
    }
}

/// Runs the tool at a terminal of 60 columns; `None` where there is no command to make one.
fn at_a_terminal(tree: &Tree, settings: &str, arguments: &str) -> Option<Ended> {
    if !works("script", &["--version"]) {
        skip("the command `script` is missing");
        return None;
    }
    let lab = env!("CARGO_BIN_EXE_lab");
    let inside = format!("stty rows 24 cols 60; {settings} exec '{lab}' {arguments} 2>/dev/null");
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", &inside, "/dev/null"]);
    tree.place(command.env("TERM", "xterm"));
    Some(Running::start(&mut command).end())
}

#[test]
fn a_terminal_gets_colours_unless_no_color_is_set() {
    let tree = Tree::new();
    let Some(coloured) = at_a_terminal(&tree, "", "list") else { return };
    assert!(coloured.stdout.contains('\u{1b}'), "{}", coloured.stdout);
    let plain = at_a_terminal(&tree, "NO_COLOR=1", "list").expect("it was there");
    assert!(!plain.stdout.contains('\u{1b}') && plain.stdout.contains("tcpserver"));
}

#[test]
fn a_terminal_of_60_columns_is_wide_enough() {
    let tree = Tree::new();
    tree.answer("tcpserver", "reply", WRONG);
    tree.answer("udpserver", "bind", "    let server_socket = ;");
    for command in ["list", "check tcpserver udpserver tcpclient", "check", "hint tcpclient"] {
        let Some(ended) = at_a_terminal(&tree, "", command) else { return };
        let text = anstream::adapter::strip_str(&ended.stdout).to_string();
        assert!(text.contains("tcpclient"), "{text}");
        for line in text.lines().filter(|line| !is_drawn(line)) {
            assert!(line.trim_end().chars().count() <= 60, "{line:?} in\n{text}");
        }
    }
}

/// Bytes in quotes, the caret below them, and commands to be pasted stay on one line.
fn is_drawn(line: &str) -> bool {
    line.contains(['"', '^', '\''])
}

// ---- lab check NAME -- COMMAND ----

#[test]
fn a_command_that_does_not_exist_is_a_usage_error() {
    let ended = Tree::new().lab(&["check", "tcpserver", "--", "no-such-program", "{port}"]);
    assert_complains(&ended, 2, "no-such-program is not a program that can be started");
}

#[test]
fn a_command_needs_the_name_of_one_lab() {
    let ended = Tree::new().lab(&["check", "--", "true"]);
    assert_complains(&ended, 2, "name the one lab");
}

#[test]
fn a_program_in_another_language_passes_too() {
    let tree = Tree::new();
    // A server, a client, and one that is started in a directory of the check's; `lab verify` has all.
    for lab in LABS.iter().filter(|lab| ["udpserver", "tcpclient", "webserver"].contains(&lab.name))
    {
        let Some(twin) = twin(lab.name) else { return };
        let file = twin.get_args().next().and_then(|file| file.to_str()).expect("its path");
        let command = [&["check", lab.name, "--", "python3", file], lab.facts().arguments].concat();
        let as_data = [&["check", lab.name, "--format", "json"], &command[2..]].concat();
        let ended = tree.lab(&as_data);
        let program = json(&ended)["programs"][0].clone(); // our own words are not asked of it
        assert_eq!(program["points"], program["max_points"], "{ended:?}");
        assert!(ended.code == Some(0) && program["max_points"].as_u64() > Some(5), "{ended:?}");
    }
}

/// No gap of the skeletons lets a student do this; a program in another language can.
#[test]
fn a_round_trip_time_with_the_typing_in_it_is_refused() {
    let tree = Tree::new();
    for name in ["udpclient_rtt", "tcpclient_rtt"] {
        let Some(twin) = twin(name) else { return };
        let file = twin.get_args().next().expect("its path");
        let text = fs::read_to_string(file).expect("it is there");
        let (clock, prompt) = ("time1 = time.perf_counter()\n", "message = input(");
        let text = text.replace(clock, "").replace(prompt, &format!("{clock}{prompt}"));
        tree.write("typing.py", &text);
        let file = tree.path("typing.py").display().to_string();
        let command = ["check", name, "--", "python3", &file, "{address}", "{port}"];
        let ended = tree.lab(&command);
        assert_says(&ended, 1, &format!("✗ {name}/rtt"));
        assert_eq!(ended.stdout.matches('✗').count(), 1, "{}", ended.stdout);
    }
}

#[test]
fn rtt_prints_a_table_and_draws_a_picture() {
    let tree = Tree::new();
    let ended = tree.lab(&["rtt", "--rounds", "5"]);
    assert_says(&ended, 0, "drawn: target/lab/rtt.svg, which a browser shows");
    let picture = tree.read("target/lab/rtt.svg");
    for way in ["UDP", "TCP, open connection", "TCP, connecting each time"] {
        assert_says(&ended, 0, way);
        assert!(picture.contains(way), "{picture}");
    }
    assert_complains(&tree.lab(&["rtt", "--rounds", "0"]), 2, "0 is not in 1..=1000000");
    let nowhere = ["rtt", "--rounds", "1", "--svg", "nowhere/rtt.svg"];
    assert_complains(&tree.lab(&nowhere), 3, "nowhere/rtt.svg: No such file or directory");
}

#[test]
fn every_check_has_a_network_of_its_own() {
    let Some(twin) = twin("tcpserver") else { return };
    let file = twin.get_args().next().and_then(|file| file.to_str()).expect("its path");
    // The port of the lab, which others may have on this machine.
    let ended = Tree::new().lab(&["check", "tcpserver", "--", "python3", file]);
    if ended.stderr.contains("No private network can be made here") {
        skip("no private network can be made here");
        return assert!(matches!(ended.code, Some(0 | 3)), "{ended:?}");
    }
    assert_says(&ended, 0, "9 of 9 checks passed");
    // A port that was free a moment ago.
    let ours = fs::read_link("/proc/self/ns/net").expect("Linux");
    let elsewhere = format!(
        "[ $(readlink /proc/self/ns/net) != '{}' ] && exec python3 '{file}' {{address}} {{port}}",
        ours.display()
    );
    let ended = Tree::new().lab(&["check", "tcpserver", "--", "sh", "-c", &elsewhere]);
    assert_says(&ended, 0, "9 of 9 checks passed");
}

/// As most programs are that students have published.
#[test]
fn a_program_is_checked_at_the_host_and_the_port_that_are_written_in_it() {
    let Some(twin) = twin("tcpclient") else { return };
    let file = twin.get_args().next().expect("its path");
    let text = fs::read_to_string(file).expect("it is there");
    let tree = Tree::new();
    for (host, port) in [("10.20.30.3", 13_001), ("uppercase.example", 12_000), ("127.0.1.1", 7)] {
        let own = format!("(('{host}', {port}))");
        let text = text.replace("((serverName, serverPort))", &own);
        assert!(text.contains(&own), "{text}");
        tree.write("own.py", &text);
        let ended = tree.lab(&["check", "tcpclient", "--", "python3", "own.py"]);
        if ended.stderr.contains("No private network can be made here") {
            return skip("no private network can be made here");
        }
        assert_says(&ended, 0, "9 of 9 points");
    }
}

// ---- lab list, hint, reset, diff ----

#[test]
fn the_board_knows_gaps_open_checks_passed_and_what_is_stale() {
    let tree = Tree::new();
    let board = || tree.lab(&["list"]);
    assert_says(&board(), 0, "○ tcpserver 4 of 4 gaps open not checked yet");
    tree.solve("tcpserver");
    assert_ended(&tree.lab(&["check", "tcpserver"]), 0);
    assert_says(&board(), 0, "✓ tcpserver no gap open 9 of 9 checks passed");
    let solved = tree.read("skeletons/tcpserver.rs");
    tree.write("skeletons/tcpserver.rs", &(solved.clone() + "// a word more\n"));
    assert_says(&board(), 0, "○ tcpserver no gap open not checked yet");
    tree.write("skeletons/tcpserver.rs", &solved);
    assert_says(&board(), 0, "✓ tcpserver no gap open 9 of 9 checks passed");
}

#[test]
fn each_hint_says_more_and_the_last_says_where_the_solution_is() {
    let tree = Tree::new();
    let hint = || tree.lab(&["hint", "tcpserver"]);
    let first = hint();
    assert_says(&first, 0, "tcpserver: gap 1 of 4 is still open: bind");
    assert_says(&first, 0, "The first hint. hint 1 of 3; once more");
    assert!(!first.stdout.contains("second"), "{}", first.stdout);
    assert_says(&hint(), 0, "The first hint. The second hint. hint 2 of 3; once more");
    for _ in 0..2 {
        let words = "The third hint. hint 3 of 3, the last; one way to do it is in \
                     solutions/tcpserver.rs";
        assert_says(&hint(), 0, words);
    }
}

#[test]
fn with_no_gap_open_the_hint_is_for_the_gap_of_the_first_failure() {
    let tree = Tree::new();
    let hint = || tree.lab(&["hint", "tcpserver"]);
    tree.answer("tcpserver", "bind", ENDS);
    assert_says(&hint(), 0, "was not checked since it changed");
    assert_ended(&tree.lab(&["check", "tcpserver"]), 1);
    assert_says(&hint(), 0, "a check of gap bind fails (skeletons/tcpserver.rs:");
    assert_says(&hint(), 0, "The second hint.");
}

#[test]
fn a_program_that_does_not_compile_has_not_passed_its_checks() {
    let tree = Tree::new();
    tree.answer("tcpserver", "bind", "    let server_socket = ;");
    assert_ended(&tree.lab(&["check", "tcpserver"]), 1);
    let words = "tcpserver: it does not compile, because of gap bind (skeletons/tcpserver.rs:";
    assert_says(&tree.lab(&["hint", "tcpserver"]), 0, words);
    assert_says(&tree.lab(&["list"]), 0, "✗ tcpserver no gap open does not compile");
}

#[test]
fn reset_keeps_every_file_it_replaces_and_names_it() {
    let tree = Tree::new();
    let file = "skeletons/tcpserver.rs";
    let skeleton = tree.read(file);
    assert_says(&tree.lab(&["reset", "tcpserver"]), 0, "is the skeleton already: nothing to do");
    for (work, kept) in [("first work\n", ".kept-1"), ("second work\n", ".kept-2")] {
        tree.write(file, work);
        let words = format!("your file is kept as {file}{kept}");
        assert_says(&tree.lab(&["reset", "tcpserver"]), 0, &words);
        assert_eq!(tree.read(&format!("{file}{kept}")), work);
        assert_eq!(tree.read(file), skeleton);
    }
    assert_eq!(tree.read(&format!("{file}.kept-1")), "first work\n");
}

#[test]
fn diff_says_of_each_gap_how_it_stands() {
    let tree = Tree::new();
    let open = tree.lab(&["diff", "tcpserver"]);
    assert_says(&open, 0, "gap 4 of 4: reply open skeletons/tcpserver.rs:");
    assert_says(&open, 0, "Outside the gaps nothing is changed.");
    tree.answer("tcpserver", "reply", WRONG);
    let ended = tree.lab(&["diff", "tcpserver"]);
    assert_says(&ended, 0, "gap 1 of 4: bind as the solution skeletons/tcpserver.rs:");
    assert_says(&ended, 0, "- let capitalized_sentence = sentence.to_ascii_uppercase();");
    assert_says(&ended, 0, &format!("+{WRONG}"));
    let line = tree.line("skeletons/tcpserver.rs", "==== fill in here: reply ====");
    assert_says(&ended, 0, &format!("gap 4 of 4: reply skeletons/tcpserver.rs:{line}"));
}

#[test]
fn a_type_that_was_kept_is_no_difference() {
    let tree = Tree::new();
    let body =
        "    let server_socket: TcpListener = TcpListener::bind((server_name, server_port))?;";
    tree.answer("tcpserver", "bind", body);
    let ended = tree.lab(&["diff", "tcpserver"]);
    assert_eq!(ended.stdout.matches("as the solution").count(), 4, "{}", ended.stdout);
}

#[test]
fn diff_shows_what_was_changed_outside_the_gaps() {
    let tree = Tree::new();
    let changed = tree.read("solutions/tcpserver.rs").replace("from_secs(5)", "from_secs(7)");
    tree.write("skeletons/tcpserver.rs", &changed);
    let ended = tree.lab(&["diff", "tcpserver"]);
    assert_says(&ended, 0, "outside the gaps, which a grader does not run:");
    assert_says(&ended, 0, "-const PATIENCE: Duration = Duration::from_secs(5);");
    assert_says(&ended, 0, "+const PATIENCE: Duration = Duration::from_secs(7);");
}

#[test]
fn diff_compares_a_file_elsewhere() {
    let tree = Tree::new();
    let mut file = tempfile::NamedTempFile::new().expect("there is room for temporary files");
    file.write_all(tree.read("solutions/tcpserver.rs").as_bytes()).expect("it is ours");
    let path = file.path().to_str().expect("a plain path");
    let ended = tree.lab(&["diff", "tcpserver", path]);
    assert_eq!(ended.stdout.matches("as the solution").count(), 4, "{}", ended.stdout);
    assert_says(&ended, 0, &format!("{path}:"));
    let missing = tree.lab(&["diff", "tcpserver", "nowhere.rs"]);
    assert_complains(&missing, 1, "nowhere.rs is missing");
}

#[test]
fn broken_fences_are_named_with_their_line() {
    let tree = Tree::new();
    let file = "skeletons/tcpserver.rs";
    let line = tree.line(file, "==== end: bind ====");
    let broken = tree.read(file).replace("    // ==== end: bind ====\n", "");
    tree.write(file, &broken);
    let begin = tree.line(file, "fill in here: bind");
    let accept = tree.line(file, "fill in here: accept");
    assert!(accept >= line, "it lies behind");
    let words = format!(
        "{file}:{}: the line \"// ==== end: bind ====\" is missing; it belongs below your lines, \
         which begin here, and before gap accept, which begins at line {accept}",
        begin + 1
    );
    for command in ["diff", "hint"] {
        assert_complains(&tree.lab(&[command, "tcpserver"]), 1, &words);
    }
    assert_says(&tree.lab(&["list"]), 0, "✗ tcpserver fences are broken");
}

// ---- Programs that are given complete ----

#[test]
fn a_given_program_has_nothing_to_fill_in_and_is_checked_all_the_same() {
    let tree = Tree::new();
    assert_says(&tree.lab(&["list"]), 0, "✓ timeclient given complete");
    let words = "skeletons/timeclient.rs is given complete: there is nothing to fill in";
    assert_says(&tree.lab(&["hint", "timeclient"]), 0, words);
    let words = "It is given complete, and nothing is changed.";
    assert_says(&tree.lab(&["diff", "timeclient"]), 0, words);
    assert_says(&tree.lab(&["check", "timeclient"]), 0, "7 of 7 checks passed, 10 of 10 points");
    let words = "✓ timeclient given complete 7 of 7 checks passed";
    assert_says(&tree.lab(&["list"]), 0, words);
}

#[test]
fn a_given_program_that_was_changed_is_told_so() {
    let tree = Tree::new();
    let given = tree.read("skeletons/timeclient.rs");
    tree.write("skeletons/timeclient.rs", &given.replace("b\"EXIT\"", "b\"QUIT\""));
    let line = tree.line("skeletons/timeclient.rs", "b\"QUIT\"");
    let ended = tree.lab(&["check", "timeclient"]);
    let words = format!("! skeletons/timeclient.rs:{line} is changed, though the program is given");
    assert_says(&ended, 1, &words);
    assert_says(&ended, 1, "✗ timeclient/exit after EXIT it ends at once 0/1");
    assert!(!ended.stdout.contains("look "), "{}", ended.stdout);
    assert_says(&tree.lab(&["diff", "timeclient"]), 0, "given complete, and changed:");
    assert_says(&tree.lab(&["list"]), 0, "✗ timeclient given complete 6 of 7 checks passed");
    tree.write("skeletons/timeclient.rs", "fn main() { nonsense }");
    let words = "does not compile. It is given complete: `make reset LAB=timeclient`.";
    assert_says(&tree.lab(&["check", "timeclient"]), 1, words);
}

// ---- lab gen ----

/// Every generated file and when it was written.
fn generated(tree: &Tree) -> Vec<(String, SystemTime)> {
    let mut files = Vec::new();
    for directory in ["skeletons", "solutions"] {
        for entry in fs::read_dir(tree.path(directory)).expect("it is there").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".rs") || name.starts_with("Cargo.") {
                files.push((format!("{directory}/{name}"), modified(&entry.path())));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn what_is_generated_already_is_not_written_again() {
    let tree = Tree::new();
    let before = generated(&tree);
    assert_says(&tree.lab(&["gen"]), 0, "skeletons/ and solutions/ are up to date");
    assert_ended(&tree.lab(&["gen", "--check"]), 0);
    assert_eq!(generated(&tree), before);
}

#[test]
fn a_changed_source_changes_its_two_products_and_no_other_file() {
    let tree = Tree::new();
    assert_ended(&tree.lab(&["gen"]), 0); // remembers what is generated
    let source = tree.read("src/bin/tcpserver.rs").replace("one client at a time", "in turn");
    tree.write("src/bin/tcpserver.rs", &source);
    let stale = tree.lab(&["gen", "--check"]);
    for product in ["skeletons/tcpserver.rs", "solutions/tcpserver.rs"] {
        let words = format!("{product} is stale: run `make gen` and commit it");
        assert_complains(&stale, 1, &words);
    }
    let ended = tree.lab(&["gen"]);
    assert_ended(&ended, 0);
    let expected = "written  skeletons/tcpserver.rs\nwritten  solutions/tcpserver.rs\n";
    assert_eq!(ended.stdout, expected);
    assert!(tree.read("solutions/tcpserver.rs").contains("in turn"));
    assert_ended(&tree.lab(&["gen", "--check"]), 0);
}

#[test]
fn a_lost_manifest_and_lock_file_are_generated_again() {
    let tree = Tree::new();
    let files = ["skeletons/Cargo.toml", "skeletons/Cargo.lock", "solutions/tcpclient.rs"];
    let before = files.map(|file| tree.read(file));
    for file in files {
        fs::remove_file(tree.path(file)).expect("it is there");
    }
    assert_complains(&tree.lab(&["gen", "--check"]), 1, "skeletons/Cargo.toml is missing");
    assert_ended(&tree.lab(&["gen"]), 0);
    assert_eq!(files.map(|file| tree.read(file)), before);
}

#[test]
fn gen_keeps_work_outside_the_gaps_too() {
    let tree = Tree::new();
    for file in ["skeletons/tcpserver.rs", "skeletons/Cargo.toml"] {
        let mine = tree.read(file) + "\n# mine\n";
        tree.write(file, &mine);
        assert_says(&tree.lab(&["gen"]), 0, &format!("kept {file}.kept-1, what {file} was"));
        assert_eq!(tree.read(&format!("{file}.kept-1")), mine);
    }
}

#[test]
fn words_that_only_look_like_an_open_gap_hide_no_failure() {
    let tree = Tree::new();
    tree.solve("udpserver");
    let body = "    eprintln!(\"not yet implemented: IPv6 support\");
    let modified_message = message.to_vec();";
    tree.answer("udpserver", "uppercase", body);
    let ended = tree.lab(&["check", "udpserver"]);
    assert_says(&ended, 1, "✗ udpserver/answers");
    assert!(!ended.stdout.contains("is still open"), "{}", ended.stdout);
}

#[test]
fn not_even_a_process_without_mark_and_group_stays_behind() {
    let tree = Tree::new();
    tree.solve("udpserver");
    let seconds = 7000 + std::process::id() % 1000;
    let body = format!(
        "    let server_socket = UdpSocket::bind((server_name, server_port))?;
    std::process::Command::new(\"setsid\").args([\"env\", \"-i\", \"sleep\", \"{seconds}\"]).spawn()?;"
    );
    tree.answer("udpserver", "bind", &body);
    assert_ended(&tree.lab(&["check", "udpserver"]), 0);
    let sleeping = std::process::Command::new("sh")
        .args([
            "-c",
            &format!("cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 's[l]eep {seconds}'"),
        ])
        .output()
        .expect("sh is there");
    assert_eq!(String::from_utf8_lossy(&sleeping.stdout).trim(), "0");
}

#[test]
fn gen_keeps_a_student_s_work_before_it_writes_over_it() {
    let tree = Tree::new();
    let file = "skeletons/tcpserver.rs";
    let solved = tree.read("solutions/tcpserver.rs");
    for (kept, work) in [(".kept-1", solved.as_bytes()), (".kept-2", b"no text: \xff")] {
        fs::write(tree.path(file), work).expect("the copy is ours");
        let words = format!("kept {file}{kept}, what {file} was written {file}");
        assert_says(&tree.lab(&["gen"]), 0, &words);
        assert_eq!(fs::read(tree.path(&format!("{file}{kept}"))).expect("kept"), work);
    }
    assert_says(&tree.lab(&["gen"]), 0, "up to date");
}

#[test]
fn gen_writes_nothing_while_a_fence_is_wrong() {
    let tree = Tree::new();
    let source =
        tree.read("src/bin/tcpserver.rs").replace("==== end: bind ====", "==== end: bin ====");
    tree.write("src/bin/tcpserver.rs", &source);
    let before = generated(&tree);
    let line = tree.line("src/bin/tcpserver.rs", "end: bin ");
    let words = format!("src/bin/tcpserver.rs:{line}: this ends gap bin, but gap bind is open");
    assert_complains(&tree.lab(&["gen"]), 1, &words);
    assert_complains(&tree.lab(&["gen", "--check"]), 1, &words);
    assert_eq!(generated(&tree), before);
}

// ---- The cure is named ----

#[test]
fn a_missing_semicolon_before_a_given_let_is_named_where_it_is_missing() {
    let answer = "    let server_socket = TcpListener::bind((server_name, server_port))?";
    let words = "a `;` is missing at the end of line LINE, in gap bind.";
    assert_blames("tcpserver", "bind", answer, words, "");
    let answer = "        let length = client_socket.read(&mut buffer)";
    let words = "a `;` is missing at the end of line LINE, in gap msg.";
    assert_blames("chatserver", "msg", answer, words, "");
}

#[test]
fn an_address_given_as_two_arguments_is_a_pair_and_the_compiler_s_help_is_left_out() {
    for (name, gap, answer, call) in [
        (
            "tcpserver",
            "bind",
            "let server_socket = TcpListener::bind(server_name, server_port)?;",
            "bind(",
        ),
        (
            "tcpclient",
            "connect",
            "let mut client_socket = TcpStream::connect(server_name, server_port)?;",
            "connect(",
        ),
    ] {
        let words = format!("An address is one argument, a pair: `{call}(name, port))`.");
        assert_blames(name, gap, answer, &words, "");
        let tree = Tree::new();
        tree.answer(name, gap, answer);
        let said = tree.lab(&["check", name]).stdout;
        assert!(!said.contains("remove the extra argument"), "{said}");
        let full = tree.lab(&["check", name, "--full"]).stdout;
        assert!(full.contains("remove the extra argument"), "{full}");
    }
}

#[test]
fn a_pair_taken_out_of_a_result_needs_a_question_mark() {
    let answer = "    let (connection_socket, address) = server_socket.accept();";
    let words = "The call gives a `Result`, and not yet what is in it: end it in `?`.";
    assert_blames("tcpserver", "accept", answer, words, "");
    let answer = "    let (length, client_address) = server_socket.recv_from(&mut buffer);";
    assert_blames("udpserver", "receive", answer, words, "");
}

#[test]
fn a_change_outside_the_gaps_is_not_blamed_for_a_fault_in_one() {
    let tree = Tree::new();
    tree.answer(
        "tcpserver",
        "bind",
        "    let server_socket = TcpListener::bind((server_name, server_port))?",
    );
    let text = tree.read("skeletons/tcpserver.rs") + "// a line of my own\n";
    tree.write("skeletons/tcpserver.rs", &text);
    assert_says(&tree.lab(&["check", "tcpserver"]), 1, "a `;` is missing at the end of line");
}
