//! Programs that attack their judge: each is checked beside a right one. Whatever it does, the right
//! one keeps its full report, the fault is the program's and never the tool's, time and memory have
//! bounds, and nothing is left.
//!
//! tests/hostile/hostile.toml says what each is to be told. One alone: `HOSTILE=tcp_drip cargo test
//! -p lab --test hostile`.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use common::{Running, Tree, copy, root, skip, works};
use nix::sys::prctl;
use serde::Deserialize;
use serde_json::Value;

/// How much more memory the tool may need than in an undisturbed run.
const MORE_KB: u64 = 200 * 1024;

/// One program of hostile.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attack {
    /// Whose checks it is given.
    lab: String,
    /// It is right all the same.
    #[serde(default)]
    passes: bool,
    /// Words of its report.
    #[serde(default)]
    says: Vec<String>,
    /// Seconds for the whole run.
    within: u64,
}

/// What came of one run of the tool.
struct Run {
    code: Option<i32>,
    reports: Value,
    printed: String,
    took: Duration,
    /// The most memory that the tool had, in kilobytes.
    peak: u64,
}

#[test]
fn no_program_under_check_breaks_its_judge() {
    if !works("python3", &["--version"]) {
        return skip("python3 is missing");
    }
    prctl::set_child_subreaper(true).expect("Linux has it");
    let range = Range::new();
    let attacks = attacks();
    let chosen = env::var("HOSTILE").ok();
    range.admit("udpserver", None);
    let calm = range.check("udpserver");
    assert_eq!(calm.code, Some(0), "the right ones alone:\n{}", calm.printed);
    let mut faults = Vec::new();
    let (mut most, mut longest) = ((0, ""), (Duration::ZERO, ""));
    let mut tried = 0;
    for (name, attack) in &attacks {
        if chosen.as_ref().is_some_and(|chosen| chosen != name) {
            continue;
        }
        range.admit(&attack.lab, Some(name));
        let run = range.check(&attack.lab);
        tried += 1;
        most = most.max((run.peak, name));
        longest = longest.max((run.took, name));
        println!("{name}: {:.1} s, {} MB", run.took.as_secs_f64(), run.peak / 1024);
        for fault in range.faults(attack, &run, &calm) {
            println!("  {fault}");
            faults.push(format!("{name}: {fault}\n{}", run.printed));
        }
    }
    println!(
        "{tried} attacks; at most {} MB ({}), {} MB undisturbed; at most {:.1} s ({})",
        most.0 / 1024,
        most.1,
        calm.peak / 1024,
        longest.0.as_secs_f64(),
        longest.1
    );
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(tried >= 40 || chosen.is_some(), "only {tried} attacks");
}

#[test]
fn every_hostile_program_is_in_the_list() {
    let attacks = attacks();
    for entry in fs::read_dir(root().join("tests/hostile")).expect("it is there").flatten() {
        let name = entry.file_name().into_string().expect("plain names");
        let helps = ["ends.py", "web.py", "mail.py", "hostile.toml", "__pycache__"];
        let listed = name.split_once('.').is_some_and(|(stem, _)| attacks.contains_key(stem));
        assert!(listed || helps.contains(&name.as_str()), "{name} is not in hostile.toml");
    }
}

fn attacks() -> BTreeMap<String, Attack> {
    let text = fs::read_to_string(root().join("tests/hostile/hostile.toml")).expect("it is there");
    toml::from_str(&text).unwrap_or_else(|error| panic!("hostile.toml: {error}"))
}

/// A tree in which one skeleton is an attacker and another one is right.
struct Range {
    tree: Tree,
    /// Where the hostile programs are: what is under check may not see the checkout.
    programs: tempfile::TempDir,
    /// The tool's own temporary files go here.
    temporary: tempfile::TempDir,
}

impl Range {
    fn new() -> Range {
        let [programs, temporary] =
            [(); 2].map(|()| tempfile::tempdir().expect("a disk with room"));
        copy(&root().join("tests/hostile"), programs.path());
        Range { tree: Tree::new(), programs, temporary }
    }

    /// Who stands beside the program of this lab.
    fn right(lab: &str) -> &'static str {
        if lab == "udpserver" { "tcpserver" } else { "udpserver" }
    }

    /// Puts an attacker in the lab's place; without a name, somebody right.
    fn admit(&self, lab: &str, name: Option<&str>) {
        self.tree.solve(Range::right(lab));
        let Some(name) = name else { return self.tree.solve(lab) };
        let file = |kind: &str| -> PathBuf { self.programs.path().join(format!("{name}.{kind}")) };
        let text = match fs::read_to_string(file("rs")) {
            Ok(text) => text,
            Err(_) => starts(&file("py")),
        };
        self.tree.write(&format!("skeletons/{lab}.rs"), &text);
        // What was built of the last one is as old as this text is, on a coarse clock.
        thread::sleep(Duration::from_millis(10));
    }

    /// Checks the attacker and the right one in one run, and looks at the tool's memory meanwhile.
    fn check(&self, lab: &str) -> Run {
        let mut command = self.tree.command(&["check", lab, Range::right(lab), "--format", "json"]);
        command.args(["--seed", "1"]).env("TMPDIR", self.temporary.path()).stdin(Stdio::null());
        let start = Instant::now();
        let mut running = Running::start(&mut command);
        running.input_ends();
        let mut peak = 0;
        while !running.has_ended() {
            peak = peak.max(high_water(running.pid().as_raw()));
            thread::sleep(Duration::from_millis(20));
        }
        let took = start.elapsed();
        let ended = running.end_in_any_way();
        let reports = serde_json::from_str(&ended.stdout).unwrap_or(Value::Null);
        let printed = format!("{}{}", ended.stdout, ended.stderr);
        Run { code: ended.code, reports, printed, took, peak }
    }

    /// What is wrong with a run.
    fn faults(&self, attack: &Attack, run: &Run, calm: &Run) -> Vec<String> {
        let mut faults = Vec::new();
        let mut demand = |holds: bool, fault: String| faults.extend((!holds).then_some(fault));
        let report = |name: &str| {
            let programs = run.reports["programs"].as_array();
            programs.and_then(|all| all.iter().find(|one| one["program"] == name))
        };
        let (right, theirs) = (report(Range::right(&attack.lab)), report(&attack.lab));
        let full = right.is_some_and(|right| right["passed"] == right["total"]);
        demand(full, format!("{} is right and has lost points", Range::right(&attack.lab)));
        let passed = theirs.is_some_and(|one| one["passed"] == one["total"]);
        demand(passed == attack.passes, format!("passed: {passed}"));
        // A file without fences is nothing to hand in, even where it does all that the checks ask.
        demand(run.code == Some(1), format!("exit code {:?}, not 1", run.code));
        let said = theirs.map(Value::to_string).unwrap_or_default();
        let fault = said.contains("could_not_check");
        demand(!fault, "a check could not be carried out".to_owned());
        for words in &attack.says {
            demand(said.contains(words), format!("its report does not say {words:?}"));
        }
        demand(!run.printed.contains("panicked"), "the tool has panicked".to_owned());
        demand(is_harmless(&run.printed), "a control character was printed".to_owned());
        let bound = Duration::from_secs(attack.within);
        demand(run.took <= bound, format!("it took {:?}, and not {bound:?}", run.took));
        let more = run.peak.saturating_sub(calm.peak);
        demand(more <= MORE_KB, format!("the tool needed {} MB more", more / 1024));
        let left = leftovers();
        demand(left.is_empty(), format!("processes are left: {}", left.join(", ")));
        let files = fs::read_dir(self.temporary.path()).map_or(0, Iterator::count);
        demand(files == 0, format!("{files} temporary files are left"));
        faults
    }
}

/// A program that becomes the script, with all its arguments.
fn starts(script: &Path) -> String {
    format!(
        "use std::os::unix::process::CommandExt;\n\nfn main() {{\n    let mut script = \
         std::process::Command::new(\"python3\");\n    script.arg(\"-u\").arg({script:?}).args(\
         std::env::args_os().skip(1));\n    panic!(\"{{}}\", script.exec());\n}}\n"
    )
}

/// No character that a terminal obeys, but the ends of lines.
fn is_harmless(text: &str) -> bool {
    let steers = |c: char| {
        let turns = matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        (c.is_control() && c != '\n') || turns
    };
    !text.contains(steers)
}

/// The most memory that a process has had, in kilobytes. Its own alone: what wait4 says counts its
/// children, and those of the tool are the attackers.
fn high_water(pid: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
}

/// Whom the tool has left behind. Orphans come to this process, which has no other children.
fn leftovers() -> Vec<String> {
    let own = std::process::id();
    let path = |pid: i32, what: &str| format!("/proc/{pid}/{what}");
    let left = lab::processes::children(own).into_iter().map(|pid| {
        let line = fs::read(path(pid, "cmdline")).unwrap_or_default();
        lab::processes::end(pid); // the next attack is to find a clean house
        let _ = nix::sys::wait::waitpid(nix::unistd::Pid::from_raw(pid), None); // it is dead
        String::from_utf8_lossy(&line).replace('\0', " ")
    });
    left.collect()
}
