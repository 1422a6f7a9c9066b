//! What a course hands out: nothing in it gives an answer away, and every command works in it, at an
//! awkward place and with cargo's own settings.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};

use common::{copy, root, skip, works};
use lab::{LABS, Tree, products};

/// One kit at a time: all are made at the same place.
static TURN: Mutex<()> = Mutex::new(());

fn place() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("socket-labs-students")
}

/// Makes a kit of these labs, and its archives, at `place()`.
fn hand_out(labs: &[&str], more: &[&str]) -> MutexGuard<'static, ()> {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner); // it guards no data
    let _ = fs::remove_dir_all(place());
    let mut handout = Command::new(env!("CARGO_BIN_EXE_lab"));
    handout.arg("handout").args(labs).args(more).arg("--into").arg(place()).current_dir(root());
    succeeds(&mut handout);
    turn
}

fn pack() -> [Vec<u8>; 2] {
    succeeds(Command::new("python3").arg(root().join("lab/kit/pack.py")).arg(place()));
    ["tar.gz", "zip"].map(|ending| {
        let archive = PathBuf::from(format!("{}.{ending}", place().display()));
        fs::read(archive).expect("it was made")
    })
}

#[track_caller]
fn succeeds(command: &mut Command) {
    let output = command.output().expect("it can be started");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
}

/// All files below a directory, by their names from there.
fn members(directory: &Path, below: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(directory.join(below)).expect("a directory").flatten() {
        let name = entry.file_name().into_string().expect("a plain name");
        let name = if below.is_empty() { name } else { format!("{below}/{name}") };
        match entry.path().is_dir() {
            true => members(directory, &name, found),
            false => found.push(name),
        }
    }
}

/// A text with every run of white space as one space, so that other line breaks hide nothing.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What must not be in a kit, each with where it is from: the bodies of the gaps, and the paragraphs of
/// the answer keys.
fn answers() -> Vec<(String, String)> {
    const SHORT: usize = 20;
    let tree = Tree::at(root());
    let mut found = Vec::new();
    for lab in LABS {
        for gap in products::of(&tree, lab.name).expect("sound fences").solution.gaps {
            found.push((format!("{}, gap {}", lab.name, gap.name), one_line(&gap.body)));
        }
    }
    for entry in fs::read_dir(root().join("solutions")).expect("it is there").flatten() {
        let name = entry.file_name().into_string().expect("a plain name");
        if name.ends_with("-answers.md") {
            let key = fs::read_to_string(entry.path()).expect("text");
            let (_, answers) = key.split_once("\n## ").unwrap_or(("", &key));
            let paragraphs = answers.split("\n\n").map(one_line);
            let paragraphs = paragraphs.filter(|text| !text.starts_with(['#', '|', '`']));
            found.extend(paragraphs.map(|text| (name.clone(), text)));
        }
    }
    found.retain(|(_, text)| text.chars().count() > SHORT);
    assert!(found.len() > 150, "only {} answers found", found.len());
    found
}

/// The names and texts of all files of the kit that was made. Of what is no text, all that reads like it.
fn contents() -> Vec<(String, String)> {
    let mut names = Vec::new();
    members(&place(), "", &mut names);
    let text = |name: &String| {
        let bytes = fs::read(place().join(name)).expect("it is there");
        one_line(&String::from_utf8_lossy(&bytes).replace('\0', " "))
    };
    names.iter().map(|name| (name.clone(), text(name))).collect()
}

/// A call that one program is given, outside its gaps, and another one asks for: each is a line that the
/// documentation of std has, too. The list only gets shorter.
const GIVEN: [(&str, &str); 11] = [
    ("udpclient_rtt", "udpclient, gap receive"),
    ("webserver", "webserver, gap close"),
    ("pingserver", "udpserver, gap bind"),
    ("udpclient_rtt", "udpclient, gap socket"),
    ("udpclient_rtt", "pingclient, gap socket"),
    ("udpclient_rtt", "pingclient, gap timeout"),
    ("udpclient", "pingclient, gap timeout"),
    ("timeclient", "tcpclient, gap connect"),
    ("tcpclient_rtt", "tcpclient, gap receive"),
    ("tcpclient_rtt", "timeserver, gap receive"),
    ("tcpclient_rtt", "chatserver, gap name"),
];

#[track_caller]
fn assert_gives_nothing_away() {
    let contents = contents();
    let mut leaks = Vec::new();
    for (from, answer) in answers() {
        for (name, text) in contents.iter().filter(|(_, text)| text.contains(&answer)) {
            let program = name.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
            let given = name.contains("skeletons/") && GIVEN.contains(&(program, &from));
            if !given {
                let count = text.matches(&answer).count();
                leaks.push(format!("{name} has the answer of {from}, {count} times: {answer}"));
            }
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    for (name, _) in &contents {
        let allowed = "tests/twins/webserver-original.py";
        for never in ["src/bin", "solutions", "tests/", ".git/", "-answers"] {
            assert!(!name.contains(never) || name == allowed, "{name} is in the kit");
        }
    }
}

#[test]
fn a_kit_gives_no_answer_away() {
    let _turn = hand_out(&[], &[]);
    assert_gives_nothing_away();
}

#[test]
fn nor_does_the_tool_where_it_travels_built() {
    let _turn = hand_out(&[], &["--tool", env!("CARGO_BIN_EXE_lab")]);
    assert!(place().join("bin/lab").is_file() && !place().join("lab/src").exists());
    assert_gives_nothing_away();
}

#[test]
fn a_kit_is_the_same_every_time_and_of_the_labs_that_were_named() {
    if !works("python3", &["--version"]) {
        return skip("python3 is missing");
    }
    let first = {
        let _turn = hand_out(&["01", "2"], &[]);
        pack()
    };
    let _turn = hand_out(&["01", "2"], &[]);
    assert!(pack() == first, "made twice, it is not the same");
    let there = |name: &str| place().join(name).exists();
    assert!(there("skeletons/timeclient.rs") && there("docs/02-time.md"));
    assert!(!there("skeletons/webserver.rs") && !there("docs/04-webserver.md"));
}

#[test]
fn a_kit_can_be_made_where_no_package_was_fetched_that_is_for_other_systems() {
    let home = tempfile::tempdir().expect("there is room for temporary files");
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.unwrap_or_else(|| home_directory().join(".cargo"));
    fs::create_dir(home.path().join("registry")).expect("ours");
    let index = home.path().join("registry/index");
    std::os::unix::fs::symlink(cargo.join("registry/index"), index).expect("ours");
    let into = home.path().join("kit");
    let mut handout = Command::new(env!("CARGO_BIN_EXE_lab"));
    handout.args(["handout", "01", "--into"]).arg(&into).current_dir(root());
    succeeds(handout.env("CARGO_HOME", home.path()).env("CARGO_NET_OFFLINE", "true"));
    assert!(into.join("Cargo.lock").is_file());
}

fn home_directory() -> PathBuf {
    std::env::var_os("HOME").map(PathBuf::from).expect("a user has one")
}

/// An unpacked kit whose path has spaces and letters outside ASCII. It is kept for the next run: its
/// dependencies are compiled once.
struct Kit {
    root: PathBuf,
    settings: Vec<(&'static str, String)>,
}

impl Kit {
    fn unpack() -> Kit {
        let _turn = hand_out(&[], &[]);
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("Netz (Übung) 1");
        fs::create_dir_all(&root).expect("target/ can be written to");
        for entry in fs::read_dir(place()).expect("it was made").flatten() {
            copy(&entry.path(), &root.join(entry.file_name()));
        }
        let _ = fs::remove_dir_all(root.join("target/lab")); // what the tool remembered, if anything
        Kit { root, settings: Vec::new() }
    }

    fn make(&self, arguments: &[&str]) -> Output {
        let mut make = Command::new("make");
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("CARGO_") || name.starts_with("MAKE") || name.ends_with("FLAGS") {
                make.env_remove(&*name);
            }
        }
        // Cargo's home is where the crates are.
        make.envs(std::env::var_os("CARGO_HOME").map(|home| ("CARGO_HOME", home)));
        make.env("CARGO_NET_OFFLINE", "true");
        make.args(arguments).current_dir(&self.root).envs(self.settings.iter().cloned());
        make.output().expect("make is there")
    }

    /// Demands an exit code, and gives back what was said.
    #[track_caller]
    fn says(&self, code: i32, arguments: &[&str]) -> (String, String) {
        let output = self.make(arguments);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stdout}{stderr}");
        (stdout, stderr)
    }

    #[track_caller]
    fn shows(&self, code: i32, arguments: &[&str], words: &str) {
        let (stdout, stderr) = self.says(code, arguments);
        let said = one_line(&stdout);
        assert!(said.contains(words), "{arguments:?}: {words}?\n{stdout}{stderr}");
        assert!(!stdout.contains("I AM OLD"), "{stdout}");
    }

    /// A tool of old, which would say that all is well.
    fn plant_an_old_tool(&self) {
        let old = self.root.join("target/debug/lab");
        fs::create_dir_all(old.parent().expect("it has one")).expect("ours");
        fs::write(&old, "#!/bin/sh\necho I AM OLD\n").expect("ours");
        fs::set_permissions(&old, fs::Permissions::from_mode(0o755)).expect("ours");
    }

    /// Writes a student's udpserver: the solution, with one thing in it replaced.
    fn solve(&self, from: &str, to: &str) {
        let solution = fs::read_to_string(root().join("solutions/udpserver.rs")).expect("text");
        let text = solution.replacen(from, to, 1);
        assert!(from == to || text != solution, "the solution has no {from}");
        fs::write(self.root.join("skeletons/udpserver.rs"), text).expect("ours");
    }
}

#[test]
fn every_command_works_in_an_unpacked_kit_wherever_it_lies_and_cargo_builds() {
    if !works("make", &["--version"]) {
        return skip("make is missing");
    }
    let mut kit = Kit::unpack();
    kit.settings = vec![
        ("CARGO_TARGET_DIR", kit.root.join("Gebautes (2)").display().to_string()),
        ("RUSTFLAGS", "-D warnings".to_owned()),
    ];
    kit.plant_an_old_tool();
    kit.shows(0, &["doctor"], "make check will work here.");

    // What has not passed yet is told by the exit code, and looks like no crash.
    kit.shows(1, &["check", "LAB=udpserver"], "gap 1 of 4 is still open: bind");
    let (_, stderr) = kit.says(1, &["check", "LAB=udpserver"]);
    assert!(!stderr.contains("make") && !stderr.contains("Error"), "{stderr}");
    let (_, stderr) = kit.says(2, &["check", "LAB=nonsense"]);
    assert!(stderr.contains("there is no program or lab \"nonsense\""), "{stderr}");
    kit.shows(0, &["run", "LAB=udpserver", "ARGS=-h"], "usage: udpserver");
    kit.shows(0, &["hint", "LAB=udpserver"], "hint 1 of");
    kit.shows(0, &["diff", "LAB=udpserver"], "gap 1 of 4: bind open");
    let hints: String = (0..3).map(|_| kit.says(0, &["hint", "LAB=udpserver"]).0).collect();
    assert!(!hints.contains("solutions/"), "{hints}");

    // A warning is advice, whatever RUSTFLAGS make of it.
    kit.solve("client_address)?;", "client_address);");
    kit.shows(0, &["check", "LAB=udpserver"], "10 of 10 points");
    kit.shows(0, &["check", "LAB=udpserver"], "unused `Result`");

    // The same setting as one writes it into a configuration file.
    kit.settings[0] = ("CARGO_BUILD_TARGET_DIR", "elsewhere".to_owned());
    kit.shows(0, &["check", "LAB=udpserver"], "10 of 10 points");
    kit.solve("", "// My own line.\n");
    kit.shows(0, &["diff", "LAB=udpserver"], "outside the gaps");
    submits(&kit);
    kit.shows(0, &["reset", "LAB=udpserver"], "is the skeleton again; your file is kept");
    kit.shows(0, &["list"], "udpserver 4 of 4 gaps open");
}

/// Hands in lab 1, of which one program is done.
fn submits(kit: &Kit) {
    let (said, _) = kit.says(0, &["submit", "LAB=1"]);
    for words in [
        "skeletons/udpserver.rs  4 of 4 gaps filled",
        "line 1 is changed outside the gaps: a grader does not run that",
        "skeletons/tcpclient.rs  0 of 3 gaps filled; still open: connect",
    ] {
        assert!(said.contains(words), "{words}?\n{said}");
    }
    let name = said.lines().find(|line| line.ends_with("is what you hand in.")).expect("a name");
    let name = name.split(' ').next().expect("it is the first word");
    assert!(name.starts_with("submission-01-"), "{name}");
    let listed = Command::new("tar").arg("-tzf").arg(kit.root.join(name)).output().expect("tar");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let mut members: Vec<&str> =
        listed.lines().filter_map(|line| line.split_once('/')).map(|m| m.1).collect();
    members.sort_unstable();
    let programs = ["tcpclient", "tcpserver", "udpclient", "udpserver"];
    assert_eq!(members, programs.map(|name| format!("skeletons/{name}.rs")));
    fs::remove_file(kit.root.join(name)).expect("it was made");
}

#[test]
fn a_course_can_keep_the_answers_about_packets_to_itself() {
    if !works("tshark", &["--version"]) {
        return skip("tshark is missing");
    }
    let _turn = hand_out(&["7"], &["--withhold-answers"]);
    let capture = root().join("tests/captures/chatserver.pcap");
    let packets = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
        command.arg("packets").arg(&capture).args(more).current_dir(place());
        command.output().unwrap()
    };
    let all = packets(&[]);
    assert_eq!(all.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&all.stderr).contains("shows no answers"), "{all:?}");
    fs::write(place().join("answers.toml"), "q3_flags = \"FIN\"\n").unwrap();
    for format in ["text", "json"] {
        let marked = packets(&["--answers", "answers.toml", "--format", format]);
        let said = String::from_utf8_lossy(&marked.stdout);
        assert_eq!(marked.status.code(), Some(1), "{said}");
        assert!(said.contains("FIN") && !said.contains("SYN\""), "{said}");
        assert!(!said.contains("expected"), "{said}");
    }
}

/// Nothing sends a student to a target or a page that only the whole project has, unless it says so.
#[test]
fn what_its_documents_name_is_there() {
    let _turn = hand_out(&[], &[]);
    let mut names = Vec::new();
    members(&place(), "", &mut names);
    let makefile = fs::read_to_string(place().join("Makefile")).expect("text");
    let is_target = |name: &str| makefile.lines().any(|line| line.starts_with(&format!("{name}:")));
    let (mut missing, mut commands, mut links) = (Vec::new(), 0, 0);
    for name in names.iter().filter(|name| name.ends_with(".md")) {
        let text = fs::read_to_string(place().join(name)).expect("text");
        for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.contains("whole project"))
        {
            let begins = paragraph.match_indices("make ").filter(|(at, _)| {
                matches!(paragraph[..*at].chars().next_back(), None | Some('`' | '\n' | '$'))
            });
            for (at, _) in begins {
                let rest = &paragraph[at + "make ".len()..];
                let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c == '-'));
                let target = &rest[..end.unwrap_or(rest.len())];
                commands += 1;
                if !is_target(target) {
                    missing.push(format!("{name}: make {target}"));
                }
            }
            for whole in ["tests/", "solutions/", "src/bin/"] {
                for (at, _) in paragraph.match_indices(&format!("`{whole}")) {
                    let path = paragraph[at + 1..].split('`').next().expect("it begins here");
                    if !place().join(path).exists() {
                        missing.push(format!("{name}: {path}"));
                    }
                }
            }
            for link in paragraph.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let file = link.split('#').next().unwrap_or(link);
                if file.is_empty() || file.contains("://") {
                    continue;
                }
                links += 1;
                let from = place().join(name).parent().expect("a directory").join(file);
                if !from.exists() {
                    missing.push(format!("{name}: {link}"));
                }
            }
        }
    }
    assert!(commands > 50 && links >= 10, "only {commands} commands and {links} links were found");
    assert!(missing.is_empty(), "a kit has not:\n{}", missing.join("\n"));
}
