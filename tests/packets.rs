//! `lab packets` on captures of all kinds. Those in tests/captures/ are recordings of real
//! exchanges; tests/captures/make.py makes them anew.

mod common;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use common::{Ended, Running, root, skip, until, works};
use serde_json::Value;
use tempfile::TempDir;

const ALL: [&str; 4] = ["chatserver.pcap", "client1.pcap", "client2.pcap", "windsor.pcap"];

fn lab() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.arg("packets").current_dir(root().join("tests/captures")).env("COLUMNS", "100");
    command
}

fn packets(arguments: &[impl AsRef<OsStr>]) -> Ended {
    Running::start(lab().args(arguments)).end()
}

/// Whether tshark is here; if it is not, that is said.
fn tshark() -> bool {
    let there = works("tshark", &["--version"]);
    if !there {
        skip("tshark is missing");
    }
    there
}

#[track_caller]
fn json(arguments: &[&str]) -> Value {
    let ended = packets(&[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{}", ended.stderr))
}

/// What is in all of `ALL`, found out once.
fn all() -> &'static Value {
    static REPORT: OnceLock<Value> = OnceLock::new();
    REPORT.get_or_init(|| json(&ALL))
}

/// What is reported of one question.
#[track_caller]
fn line<'a>(report: &'a Value, key: &str) -> &'a Value {
    let lines = report["lines"].as_array().expect("a list");
    lines.iter().find(|line| line["key"] == key).unwrap_or_else(|| panic!("no {key}"))
}

#[track_caller]
fn expected<'a>(report: &'a Value, key: &str) -> &'a str {
    let line = line(report, key);
    line["expected"].as_str().unwrap_or_else(|| panic!("no answer: {line}"))
}

/// A file beside the captures' directory, with answers.
struct Desk(TempDir);

impl Desk {
    fn new() -> Desk {
        Desk(tempfile::tempdir().expect("there is room for temporary files"))
    }

    fn path(&self, name: impl AsRef<OsStr>) -> PathBuf {
        self.0.path().join(name.as_ref())
    }

    fn write(&self, name: impl AsRef<OsStr>, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).expect("the directory is ours");
        path.to_string_lossy().into_owned()
    }

    /// A program in the place of tshark.
    fn fake_tshark(&self, script: &str) -> Command {
        let path = self.write("tshark", format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it is ours");
        let mut command = lab();
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", self.0.path().display()));
        command
    }
}

/// A right answer as a student may write it.
fn written(expected: &str) -> String {
    match expected {
        "yes" => "true".to_owned(),
        "no" => "false".to_owned(),
        number if number.starts_with("0x") || number.parse::<u64>().is_ok() => number.to_owned(),
        text => format!("{text:?}"),
    }
}

/// All right answers to these captures, with some of them changed; a change of "" leaves one out.
fn answers(report: &Value, changes: &[(&str, &str)]) -> String {
    let lines = report["lines"].as_array().expect("a list");
    let answers = lines.iter().filter_map(|line| {
        let key = line["key"].as_str().expect("a name");
        let change = changes.iter().find(|(changed, _)| *changed == key);
        let answer = match change {
            Some((_, "")) => return None,
            Some((_, change)) => (*change).to_owned(),
            None => written(line["expected"].as_str()?),
        };
        Some(format!("{key} = {answer}\n"))
    });
    answers.collect()
}

#[test]
fn every_answer_is_in_the_frame_that_its_command_shows() {
    if !tshark() {
        return;
    }
    let report = all();
    assert_eq!(report["passed"], true, "{report}");
    for line in report["lines"].as_array().expect("a list") {
        let Some(see) = line["see"].as_str() else { continue };
        let shell = Command::new("sh")
            .args(["-c", see])
            .current_dir(root().join("tests/captures"))
            .stderr(Stdio::null())
            .output()
            .expect("a shell is there");
        let shown = String::from_utf8_lossy(&shell.stdout);
        let Some(frame) = line["frame"].as_u64() else {
            assert_eq!(shown.lines().count(), 1, "nothing but the header is expected:\n{shown}");
            continue;
        };
        let row = shown.lines().find(|row| row.split('\t').next() == Some(&frame.to_string()));
        let row = row.unwrap_or_else(|| panic!("{see}\ndoes not show frame {frame}:\n{shown}"));
        // What is counted, or follows from several fields, is not in one of them.
        let derived = ["q7_fields", "q8_bytes", "w1d_payload", "w4b_servers", "w4c_protocol"];
        let key = line["key"].as_str().expect("a name");
        let wanted = match key {
            key if derived.contains(&key) => continue,
            "q3_flags" => "0x0002",
            "q4_flags" => "0x0012",
            _ => line["expected"].as_str().expect("an answer"),
        };
        assert!(row.split('\t').any(|cell| cell == wanted), "{key}: no {wanted} in {row}");
    }
}

#[test]
fn the_answers_follow_from_the_protocols() {
    if !tshark() {
        return;
    }
    let report = all();
    let number = |key| expected(report, key).parse::<u64>().expect("a number");
    assert_eq!(number("q4_acknowledgment"), (number("q3_sequence") + 1) % (1 << 32));
    assert_eq!(number("q9_length"), 8 + "\u{20}hi, only you".len() as u64);
    assert_eq!(number("q9_payload"), number("q9_length") - 8);
    for (key, answer) in [
        ("q3_flags", "SYN"),
        ("q4_flags", "SYN, ACK"),
        ("q5_throttled", "no"),
        ("q6_retransmissions", "0"),
        ("q10_payload", "65527"),
        ("q12_protocol", "17"),
        ("w1a_destination", "10.20.40.80"),
        ("w1d_payload", "64"),
        ("w2a_source_port", "68"),
        ("w2b_router", "10.20.30.100"),
        ("w3a_type", "0x0806"),
        ("w3a_target", "10.20.30.100"),
        ("w3b_ip", "10.20.30.100"),
        ("w4b_servers", "no"),
        ("w4c_type", "0x0800"),
        ("w4c_protocol", "IPv4"),
    ] {
        assert_eq!(expected(report, key), answer, "{key}");
    }
    assert_eq!(expected(report, "w4a_destination"), expected(report, "w3b_mac"));
}

#[test]
fn the_order_of_the_files_does_not_matter() {
    if !tshark() {
        return;
    }
    let there = all();
    let back: Vec<&str> = ALL.into_iter().rev().collect();
    let back = json(&back);
    for line in there["lines"].as_array().expect("a list") {
        let key = line["key"].as_str().expect("a name");
        if key.starts_with("q9") {
            continue; // both clients have captured the datagram
        }
        assert_eq!(line["expected"], self::line(&back, key)["expected"], "{key}");
    }
    assert_eq!(line(&back, "q3_sequence")["file"], "chatserver.pcap");
}

#[test]
fn what_is_in_four_files_is_found_as_if_it_were_in_one() {
    if !tshark() {
        return;
    }
    let desk = Desk::new();
    let whole = root().join("tests/captures/windsor.pcap");
    let parts = ["icmp", "dhcp", "arp", "tcp"].map(|protocol| {
        let part = desk.path(format!("windsor-{protocol}.pcap"));
        let mut tshark = Command::new("tshark");
        tshark.arg("-r").arg(&whole).args(["-Y", protocol, "-w"]).arg(&part).stderr(Stdio::null());
        assert!(tshark.status().expect("tshark is there").success());
        part.to_string_lossy().into_owned()
    });
    let whole = json(&["windsor.pcap"]);
    let parts = json(&[&*parts[0], &parts[1], &parts[2], &parts[3]]);
    for line in whole["lines"].as_array().expect("a list") {
        let key = line["key"].as_str().expect("a name");
        assert_eq!(line["expected"], self::line(&parts, key)["expected"], "{key}");
    }
}

#[test]
fn pcapng_is_read_as_well() {
    if !tshark() {
        return;
    }
    let (pcap, pcapng) = (json(&["chatserver.pcap"]), json(&["chatserver.pcapng"]));
    assert_eq!(expected(&pcap, "q3_sequence"), expected(&pcapng, "q3_sequence"));
    assert_eq!(expected(&pcap, "q5_window"), expected(&pcapng, "q5_window"));
}

#[test]
fn right_answers_are_right_in_any_notation() {
    if !tshark() {
        return;
    }
    let report = all();
    let desk = Desk::new();
    let sequence: u64 = expected(report, "q3_sequence").parse().expect("a number");
    let mac = expected(report, "w3b_mac").to_uppercase().replace(':', "-");
    let changes = [
        ("q3_sequence", &*format!("{sequence:#x}")),
        ("q4_flags", "0x012"),
        ("q5_throttled", "\"no\""),
        ("w3a_type", "2054"),
        ("w3b_mac", &*format!("{mac:?}")),
        ("w4c_protocol", "\"Internet Protocol version 4\""),
    ];
    let file = desk.write("answers.toml", answers(report, &changes));
    let ended = packets(&[&ALL[..], &["--answers", &file]].concat());
    assert!(ended.code == Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("39 of 39 answers are right"), "{}", ended.stdout);
}

#[test]
fn a_wrong_answer_is_told_with_its_frame_its_command_and_its_reason() {
    if !tshark() {
        return;
    }
    let report = all();
    let desk = Desk::new();
    let sequence = expected(report, "q3_sequence");
    let other = json(&["chatserver.pcap", "--client", "10.20.30.12"]);
    let other = expected(&other, "q3_sequence");
    let first = [
        ("q3_sequence", "0", "relative number"),
        ("q4_sequence", "1", "relative number"),
        ("q4_acknowledgment", sequence, "counts as one byte"),
        ("q4_flags", "\"SYN\"", "half of it"),
        ("q5_throttled", "true", "did the lack of buffer"),
        ("q6_retransmissions", "2", "how many segments"),
        ("q7_fields", "8", "how many bytes"),
        ("q9_length", "13", "payload alone"),
        ("q10_payload", "65507", "20 more bytes"),
        ("q12_protocol", "6", "is TCP's"),
        ("w1c_header", "5", "words of 4 bytes"),
        ("w1d_payload", "56", "ICMP's header"),
        ("w2a_source_port", "67", "is the server's"),
        ("w3a_type", "0x0800", "ARP's own field"),
        ("w3a_broadcast", "\"00:00:00:00:00:00\"", "does not know yet"),
        ("w4b_servers", "true", "the router's"),
        ("w4c_protocol", "\"TCP\"", "with the number 6"),
        ("w4c_type", "\"none\"", "is not a number"),
    ];
    let second = [
        ("q3_sequence", other, "is of another connection"),
        ("q4_sequence", sequence, "is the SYN's"),
        ("q10_payload", "65535", "header's 8 bytes"),
    ];
    for wrong in [&first[..], &second[..]] {
        let changes: Vec<(&str, &str)> =
            wrong.iter().map(|(key, answer, _)| (*key, *answer)).collect();
        let file = desk.write("answers.toml", answers(report, &changes));
        let ended = packets(&[&ALL[..], &["--answers", &file]].concat());
        assert_eq!(ended.code, Some(1), "{}", ended.stdout);
        let right = format!("{} of 39 answers are right", 39 - wrong.len());
        assert!(ended.stdout.contains(&right), "{right}: {}", ended.stdout);
        for (key, answer, words) in wrong {
            // What is said of it: up to the next question.
            let said = ended.stdout.split(&format!(" {key} ")).nth(1).expect("it is told");
            let said = said.split(['✓', '✗']).next().expect("a part");
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(said.contains("is wrong"), "{key} = {answer}: {said}");
            assert!(said.contains(words), "{key} = {answer}: {said}");
            let line = line(report, key);
            for shown in [&line["see"], &line["file"]] {
                let shown = shown.as_str().unwrap_or_default();
                assert!(said.contains(shown), "{key}: {shown} is expected in {said}");
            }
            if let Some(frame) = line["frame"].as_u64() {
                assert!(said.contains(&format!("frame {frame}")), "{key}: {said}");
            }
        }
    }
}

#[test]
fn missing_answers_and_unknown_keys_are_said() {
    if !tshark() {
        return;
    }
    let report = all();
    let desk = Desk::new();
    let text = answers(report, &[("q6_retransmissions", "")]) + "q6_retransmisions = 0\n";
    let file = desk.write("answers.toml", text);
    let ended = packets(&[&ALL[..], &["--answers", &file]].concat());
    assert_eq!(ended.code, Some(1));
    assert!(ended.stdout.contains("not answered: how many segments"), "{}", ended.stdout);
    assert!(ended.stdout.contains("did you mean q6_retransmissions?"), "{}", ended.stdout);
    // For a grader the same is data.
    let marked = json(&[&ALL[..], &["--answers", &file]].concat());
    assert_eq!(line(&marked, "q6_retransmissions")["status"], "not_answered");
    assert_eq!(line(&marked, "q7_fields")["status"], "right");
    assert_eq!((&marked["right"], &marked["total"]), (&38.into(), &39.into()));
    assert_eq!(marked["passed"], false);
}

#[test]
fn only_the_sheet_that_was_answered_is_marked() {
    if !tshark() {
        return;
    }
    let report = all();
    let desk = Desk::new();
    let text = answers(report, &[]);
    let ntnu: String =
        text.lines().filter(|line| line.starts_with('q')).map(|line| format!("{line}\n")).collect();
    let file = desk.write("answers.toml", ntnu);
    let three = ["chatserver.pcap", "client1.pcap", "--answers", &file];
    let ended = packets(&three);
    assert!(ended.code == Some(0), "{}", ended.stdout);
    assert!(ended.stdout.contains("Nothing here is about Windsor lab 3."), "{}", ended.stdout);
    let both = packets(&[&three[..], &["--sheet", "ntnu", "--sheet", "windsor"]].concat());
    assert_eq!(both.code, Some(1), "{}", both.stdout);
    assert!(both.stdout.contains("there is no echo request"), "{}", both.stdout);
}

#[test]
fn any_datagram_may_be_selected_but_only_one_at_a_time() {
    if !tshark() {
        return;
    }
    let desk = Desk::new();
    let marked = |length: u64, payload: u64| {
        let text = format!("q9_length = {length}\nq9_payload = {payload}\n");
        let file = desk.write("answers.toml", text);
        let report = json(&["client1.pcap", "--answers", &file]);
        let status = |key| line(&report, key)["status"].clone();
        [status("q9_length"), status("q9_payload")]
    };
    let (first, second) = (" hi, only you".len() as u64, " hi yourself".len() as u64);
    assert_eq!(marked(first + 8, first), ["right", "right"]);
    assert_eq!(marked(second + 8, second), ["right", "right"]);
    assert_eq!(marked(first + 8, second), ["right", "wrong"]);
    assert_eq!(marked(999, first), ["wrong", "right"]);
}

#[test]
fn the_template_needs_no_capture_and_no_tshark() {
    let desk = Desk::new();
    let ended = Running::start(lab().arg("--template").env("PATH", desk.path("nowhere"))).end();
    assert!(ended.code == Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("#q3_sequence ="), "{}", ended.stdout);
}

#[test]
fn what_throttles_and_what_is_sent_again_is_seen() {
    if !tshark() {
        return;
    }
    let throttled = json(&["throttled.pcap", "--sheet", "ntnu"]);
    assert_eq!(expected(&throttled, "q5_window"), "0");
    assert_eq!(expected(&throttled, "q5_throttled"), "yes");
    assert_eq!(expected(&throttled, "q6_retransmissions"), "0");
    let again = json(&["retransmitted.pcap", "--sheet", "ntnu"]);
    assert_eq!(expected(&again, "q5_throttled"), "no");
    // What tshark says with all its analysis is what it says with what we leave on.
    for (file, report) in [("throttled.pcap", &throttled), ("retransmitted.pcap", &again)] {
        let count = |filter: &str| {
            let mut tshark = Command::new("tshark");
            tshark.args(["-r", file, "-Y", filter]).stderr(Stdio::null());
            let output = tshark.current_dir(root().join("tests/captures")).output();
            String::from_utf8_lossy(&output.expect("tshark is there").stdout).lines().count()
        };
        let sent_again = count("tcp.analysis.retransmission");
        assert_eq!(expected(report, "q6_retransmissions"), sent_again.to_string(), "{file}");
        let full = count("tcp.analysis.zero_window || tcp.analysis.window_full") > 0;
        assert_eq!(expected(report, "q5_throttled") == "yes", full, "{file}");
    }
    assert_ne!(expected(&again, "q6_retransmissions"), "0");
}

#[test]
fn of_two_conversations_the_whole_one_is_taken_and_said() {
    if !tshark() {
        return;
    }
    let report = json(&["twice.pcap", "--sheet", "ntnu"]);
    assert_eq!(line(&report, "q3_sequence")["frame"], 8);
    let notes = report["notes"].to_string();
    assert!(notes.contains("tcp.stream==1 (1 more there"), "{notes}");
    let partial = json(&["twice.pcap", "--sheet", "ntnu", "--stream", "0"]);
    let why = line(&partial, "q3_sequence")["why"].as_str().expect("a reason");
    assert!(why.contains("there is no SYN to port 5000"), "{why}");
    assert!(line(&partial, "q5_window")["expected"].is_null(), "{partial}");
    let other = json(&["chatserver.pcap", "--client", "10.20.30.12"]);
    assert!(other["notes"].to_string().contains("that of 10.20.30.12:"), "{other}");
}

#[test]
fn a_capture_of_the_loopback_is_as_good() {
    if !tshark() {
        return;
    }
    let report = json(&["loopback.pcap", "--sheet", "ntnu"]);
    assert_eq!(expected(&report, "q3_flags"), "SYN");
    assert_eq!(line(&report, "q3_sequence")["frame"], 1);
    assert_eq!(line(&report, "q9_length")["status"], "no_packets");
}

/// Cuts the capture's packets, as `tcpdump -s` does.
fn with_packets_cut(pcap: &[u8], to: u32) -> Vec<u8> {
    let (header, mut rest) = pcap.split_at(24);
    let mut cut = header.to_vec();
    while rest.len() > 16 {
        let length = u32::from_le_bytes(rest[8..12].try_into().expect("four bytes"));
        let kept = length.min(to);
        cut.extend([&rest[..8], &kept.to_le_bytes()[..], &rest[12..16 + kept as usize]].concat());
        rest = &rest[16 + length as usize..];
    }
    cut
}

#[test]
fn missing_packets_are_named_with_what_was_seen_instead() {
    if !tshark() {
        return;
    }
    let desk = Desk::new();
    let captures = root().join("tests/captures");
    let short = with_packets_cut(&fs::read(captures.join("windsor.pcap")).expect("there"), 30);
    let short = desk.write("short.pcap", short);
    for (arguments, key, words) in [
        (&["over_ipv6.pcap"][..], "q3_sequence", "Frame 1 of over_ipv6.pcap goes over IPv6"),
        (
            &["cooked.pcap", "--sheet", "windsor"],
            "w3a_type",
            "made with -i any. Capture with -i eth0",
        ),
        (&["cooked.pcap", "--sheet", "windsor"], "w4a_source", "Capture with -i eth0"),
        (&["unreachable.pcap", "--sheet", "ntnu"], "q9_length", "no UDP datagram at port 5000"),
        (
            &["client1.pcap", "--port", "6000", "--sheet", "ntnu"],
            "q3_sequence",
            "no SYN to port 6000",
        ),
        (&[&short, "--sheet", "windsor"], "w4a_source", "are not kept whole (frame 1 is not)"),
        (&["windsor.pcap", "--sheet", "ntnu"], "q5_window", "begin before the client starts"),
    ] {
        let report = json(arguments);
        let line = line(&report, key);
        assert_eq!(line["status"], "no_packets", "{line}");
        assert!(line["expected"].is_null(), "{line}");
        let why = line["why"].as_str().expect("a reason");
        assert!(why.contains(words), "{arguments:?}: {why}");
        assert_eq!(report["passed"], false);
        assert_eq!(packets(arguments).code, Some(1));
    }
    // The questions that need no Ethernet are answered all the same.
    let cooked = json(&["cooked.pcap", "--sheet", "windsor"]);
    assert_eq!(expected(&cooked, "w1d_payload"), "64");
    assert_eq!(expected(&cooked, "w2b_router"), "10.20.30.100");
}

#[test]
fn a_truncated_capture_gives_what_its_whole_part_has() {
    if !tshark() {
        return;
    }
    let desk = Desk::new();
    let whole = fs::read(root().join("tests/captures/chatserver.pcap")).expect("it is there");
    let file = desk.write("cut.pcap", &whole[..whole.len() / 2 + 7]);
    let report = json(&[&file, "--sheet", "ntnu"]);
    assert!(report["notes"].to_string().contains("cut.pcap is not whole"), "{report}");
    assert_eq!(line(&report, "q3_sequence")["frame"], 1);
    let whole = json(&["chatserver.pcap"]);
    assert_eq!(expected(&report, "q3_sequence"), expected(&whole, "q3_sequence"));
}

#[test]
fn what_cannot_be_read_is_refused_with_a_remedy() {
    if !tshark() {
        return;
    }
    let desk = Desk::new();
    let text = desk.write("text.pcap", "10:01:02 IP 10.20.30.11 > 10.20.30.3: Flags [S]\n");
    let empty = desk.write("empty.pcap", "");
    let stub = desk.write("stub.pcap", [0xd4, 0xc3, 0xb2, 0xa1]);
    let nothing = desk.path("nothing.pcap").to_string_lossy().into_owned();
    let directory = desk.0.path().to_string_lossy().into_owned();
    for (file, code, words) in [
        (&text, 1, "is no capture: neither pcap nor pcapng"),
        (&empty, 1, "is empty: tcpdump has written nothing"),
        (&stub, 1, "is no capture"),
        (&nothing, 2, "there is no such file"),
        (&directory, 2, "is no file: name the file that tcpdump wrote"),
    ] {
        let ended = packets(&["chatserver.pcap", file]);
        assert_eq!(ended.code, Some(code), "{file}: {}", ended.stderr);
        assert!(ended.stderr.contains(words), "{file}: {}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
    let header = fs::read(root().join("tests/captures/client1.pcap")).expect("it is there");
    let header = desk.write("header.pcap", &header[..24]);
    let ended = packets(&[&header]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stdout.contains("there is no SYN to port 5000"), "{}", ended.stdout);
}

#[test]
fn a_file_that_may_not_be_read_is_no_fault_of_the_student() {
    if nix::unistd::geteuid().is_root() {
        return skip("root may read every file");
    }
    let desk = Desk::new();
    let secret = desk.write("secret.pcap", "x");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).expect("it is ours");
    let ended = packets(&[&secret]);
    assert_eq!(ended.code, Some(3));
    assert!(ended.stderr.contains("sudo chown"), "{}", ended.stderr);
}

#[test]
fn a_file_that_is_named_twice_is_read_once_and_equal_names_are_told_apart() {
    if !tshark() {
        return;
    }
    let desk = Desk::new();
    let ended = packets(&["client1.pcap", "./client1.pcap"]);
    assert!(ended.stderr.contains("./client1.pcap was named before"), "{}", ended.stderr);
    let copy = fs::read(root().join("tests/captures/chatserver.pcap")).expect("it is there");
    let copy = desk.write("client1.pcap", copy);
    let report = json(&["client1.pcap", &copy]);
    assert_eq!(line(&report, "q3_sequence")["file"], *copy);
    assert_eq!(line(&report, "q9_length")["file"], "client1.pcap");
}

#[test]
fn a_path_may_be_any_bytes() {
    if !tshark() {
        return;
    }
    let desk = Desk::new();
    let capture = fs::read(root().join("tests/captures/chatserver.pcap")).expect("it is there");
    let odd = [OsStr::from_bytes(b"it's \xff odd.pcap"), OsStr::new("-"), OsStr::new("-r.pcap")];
    for name in odd {
        desk.write(name, &capture);
        let mut command = lab();
        command.current_dir(desk.0.path()).args(["--format", "json", "--sheet", "ntnu", "--"]);
        let ended = Running::start(command.arg(name)).end();
        let report: Value = serde_json::from_str(&ended.stdout).expect(&ended.stderr);
        assert_eq!(line(&report, "q3_sequence")["frame"], 1, "{name:?}");
    }
}

/// What a tshark does that only looks like one.
fn with_tshark(script: &str) -> Ended {
    let desk = Desk::new();
    let version = "[ \"$1\" = --version ] && { echo 'TShark (Wireshark) 4.0.17'; exit; }";
    let mut command = desk.fake_tshark(&format!("{version}\n{script}"));
    Running::start(command.arg("chatserver.pcap")).end()
}

#[test]
fn a_tshark_that_fails_is_no_fault_of_the_student() {
    let greedy = "echo 'GLib-ERROR: failed to allocate 8 bytes' >&2; kill -TRAP $$";
    for (ended, words) in [
        (with_tshark("echo 'tshark: Out of luck' >&2; exit 1"), "Out of luck"),
        (with_tshark("kill -SEGV $$"), "tshark was ended by signal 11"),
        (with_tshark(greedy), "tshark needs more than 1024 MB for it. Name its first million"),
    ] {
        assert_eq!(ended.code, Some(3), "{}", ended.stderr);
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
}

#[test]
fn a_conversation_too_long_to_be_followed_costs_two_answers_and_no_more() {
    if !tshark() {
        return;
    }
    let script = "case \"$*\" in *tcp.analyze_sequence_numbers:TRUE*)\n\
                  echo 'GLib-ERROR: failed to allocate 8 bytes' >&2; kill -TRAP $$ ;;\nesac\n\
                  PATH=${PATH#*:}; exec tshark \"$@\"";
    let ended = with_tshark(script);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stdout.contains("chatserver.pcap is too long"), "{}", ended.stdout);
    for (key, answered) in [("q5_window", true), ("q5_throttled", false), ("q6", false)] {
        let line = ended.stdout.lines().find(|line| line.contains(key)).expect("it is told");
        assert_eq!(!line.starts_with('?'), answered, "{line}");
    }
}

#[test]
fn a_tshark_that_is_missing_or_old_is_said_with_the_remedy() {
    let desk = Desk::new();
    let without = Running::start(lab().arg("client1.pcap").env("PATH", desk.path("nowhere"))).end();
    assert_eq!(without.code, Some(3), "{}", without.stderr);
    let remedy = "tshark is missing. On Debian: sudo apt-get install tshark";
    assert!(without.stderr.contains(remedy), "{}", without.stderr);
    let mut old = desk.fake_tshark("echo 'TShark 2.6.20 (Git v2.6.20 packaged as 2.6.20-0)'");
    let old = Running::start(old.arg("client1.pcap")).end();
    assert_eq!(old.code, Some(3), "{}", old.stderr);
    assert!(old.stderr.contains("version 3.2 or newer is needed"), "{}", old.stderr);
}

#[test]
fn ctrl_c_leaves_no_tshark_behind() {
    let desk = Desk::new();
    let pid = desk.path("pid");
    let version = "[ \"$1\" = --version ] && { echo 'TShark (Wireshark) 4.0.17'; exit; }";
    let script = format!("{version}\necho $$ > '{}'\nexec sleep 1000", pid.display());
    let running = Running::start(desk.fake_tshark(&script).arg("chatserver.pcap"));
    let read = || fs::read_to_string(&pid).ok()?.trim().parse::<i32>().ok();
    let pid = until("tshark", read);
    running.interrupt();
    let ended = running.end();
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    let gone = || !Path::new(&format!("/proc/{pid}")).exists();
    until("the end of tshark", || gone().then_some(()));
}

#[test]
fn a_file_of_answers_that_cannot_be_read_is_said() {
    let desk = Desk::new();
    for (content, code, words) in [
        (&b"q3_sequence = \n"[..], 1, "line 1"),
        (b"q3_sequence = 1\nq3_sequence = 2\n", 1, "duplicate key"),
        (b"w3b_mac = 02:42:0a\n", 1, "stand in quotation marks"),
        (b"\xff\xfe", 1, "is no UTF-8 text"),
    ] {
        let file = desk.write("answers.toml", content);
        let ended = packets(&["client1.pcap", "--answers", &file]);
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
    let ended = packets(&["client1.pcap", "--answers", "nowhere.toml"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("--template > answers.toml"), "{}", ended.stderr);
    assert_eq!(packets(&["--answers", "answers.toml"]).code, Some(2), "no capture is named");
}

/// Draws a capture, and gives back the picture.
#[track_caller]
fn ladder(arguments: &[&str]) -> String {
    let desk = Desk::new();
    let picture = desk.path("ladder.svg");
    let output = picture.to_string_lossy();
    let ended = packets(&[&["--ladder", "-o", &output], arguments].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    fs::read_to_string(picture).expect("it was drawn")
}

#[test]
fn a_ladder_shows_handshake_data_and_teardown_of_all_hosts() {
    if !tshark() {
        return;
    }
    let drawn = ladder(&["chatserver.pcap"]);
    for words in ["10.20.30.3", "10.20.30.11", "10.20.30.12", "SYN, ACK", "hello, all", "FIN, ACK"]
    {
        assert!(drawn.contains(words), "{words}");
    }
    let report = json(&["chatserver.pcap"]);
    assert!(drawn.contains(&format!("raw: seq {}\n", expected(&report, "q3_sequence"))));
    let one = ladder(&["chatserver.pcap", "--stream", "1"]);
    assert!(!one.contains("10.20.30.11\n"), "the other client is no part of it");
    let datagrams = ladder(&["client1.pcap"]);
    assert!(datagrams.contains("UDP, 13 bytes: \" hi, only you\""), "{datagrams}");
    let windsor = ladder(&["windsor.pcap"]);
    for words in [
        "DHCP offer",
        "ARP: who has 10.20.30.100?",
        "ICMP echo request",
        "HTTP GET /",
        "router",
        "everybody",
    ] {
        assert!(windsor.contains(words), "{words}");
    }
    let loopback = ladder(&["loopback.pcap"]);
    assert!(loopback.contains("127.0.0.1:5000"), "{loopback}");
    assert!(ladder(&["over_ipv6.pcap"]).contains("[::1]:5000"));
}

#[test]
fn a_drawing_keeps_what_was_there_and_shortens_what_is_long() {
    if !tshark() {
        return;
    }
    let desk = Desk::new();
    let mut long = fs::read(root().join("tests/captures/chatserver.pcap")).expect("it is there");
    let packets_of_it = long[24..].to_vec();
    for _ in 0..9 {
        long.extend(&packets_of_it);
    }
    let long = desk.write("long.pcap", long);
    let picture = desk.write("ladder.svg", "what was there");
    let ended = packets(&["--ladder", &long, "-o", &picture]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let drawn = fs::read_to_string(&picture).expect("it was drawn");
    let total = 10 * 27;
    assert!(drawn.contains(&format!("… {} more packets", total - 60)), "{drawn}");
    let kept = desk.path("ladder.svg.kept-1");
    assert_eq!(fs::read_to_string(kept).expect("it is kept"), "what was there");
    let ended = packets(&["--ladder", "unreachable.pcap", "--port", "7", "-o", &picture]);
    assert_eq!(ended.code, Some(0), "one ICMP packet is enough: {}", ended.stderr);
    let ended = packets(&["--ladder", "chatserver.pcap", "--stream", "9"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(packets(&["--ladder", "client1.pcap", "client2.pcap"]).code, Some(2));
}

#[test]
fn the_handout_s_pictures_are_what_the_tool_draws() {
    if !tshark() {
        return;
    }
    for (capture, picture) in [("client1.pcap", "chat.svg"), ("windsor.pcap", "windsor.svg")] {
        let shown = fs::read_to_string(root().join("docs/pictures").join(picture));
        let remedy =
            format!("lab packets --ladder tests/captures/{capture} -o docs/pictures/{picture}");
        assert!(shown.expect("it is there") == ladder(&[capture]), "{picture} is stale: {remedy}");
    }
}
